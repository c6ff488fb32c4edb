package dev.workspaceoperator.http;

import dev.workspaceoperator.http.server.Answer;
import dev.workspaceoperator.http.server.Exchange;
import dev.workspaceoperator.http.server.Preconditions;
import dev.workspaceoperator.http.server.RefusalProblems;
import dev.workspaceoperator.http.server.Route;
import dev.workspaceoperator.http.server.Route.RequestBody;
import dev.workspaceoperator.http.server.Verb;
import dev.workspaceoperator.http.view.WorkspaceView;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.port.RuntimeSettings;
import dev.workspaceoperator.workspace.port.Snapshot;
import java.util.List;

/** {@code /v1/workspace/}: what is in force, changing it, and the kill switch. */
final class WorkspaceResource {
  private static final String PATH = "/v1/workspace";
  private static final String THING = "workspace";

  private final RuntimeSettings settings;
  private final WorkspaceView view;

  WorkspaceResource(RuntimeSettings settings, WorkspaceView view) {
    this.settings = settings;
    this.view = view;
  }

  List<Route> routes() {
    return List.of(
        Route.workspace(Verb.GET, PATH, Scope.WORKSPACE_READ, RequestBody.NONE, this::read)
            .costing(Route.Cost.AT_ONCE)
            .forFleetToo(),
        Route.workspace(
            Verb.PATCH, PATH, Scope.WORKSPACE_WRITE, RequestBody.MERGE_PATCH, this::patch),
        Route.workspace(
                Verb.POST,
                PATH + "/kill-switch",
                Scope.KILL_SWITCH_WRITE,
                RequestBody.JSON,
                this::switchKill)
            .costing(Route.Cost.KILL_SWITCH)
            .forFleetToo());
  }

  /** The caller's workspace as it is now. */
  static Snapshot snapshot(RuntimeSettings settings, Exchange exchange) {
    return settings.read(exchange.workspaceId()).orElseThrow(() -> Exchange.notFound(THING));
  }

  private Answer read(Exchange exchange) {
    return view.answer(
        settings.readSettings(exchange.workspaceId()).orElseThrow(() -> Exchange.notFound(THING)),
        Preconditions.of(exchange));
  }

  private Answer patch(Exchange exchange) {
    WorkspacePatch patch = new WorkspacePatch(exchange.body(), view.defaults());
    if (!patch.isValid()) {
      // Only to tell every error at once; the judgement that counts is under the lock below.
      patch.checkAgainst(snapshot(settings, exchange));
    }
    Preconditions conditions = Preconditions.of(exchange);
    Outcome<Snapshot> outcome =
        settings.patch(
            exchange.workspaceId(),
            patch.changes(),
            present -> {
              patch.checkAgainst(present);
              return conditions.areNone() || conditions.allowChange(view.etag(present.settings()));
            },
            exchange.actor());
    return view.answer(RefusalProblems.orThrow(outcome, THING).settings());
  }

  private Answer switchKill(Exchange exchange) {
    KillSwitchRequest request = KillSwitchRequest.read(exchange.body());
    Outcome<Snapshot> outcome =
        settings.switchKill(
            exchange.workspaceId(), request.active(), request.reason(), exchange.actor());
    return view.answer(RefusalProblems.orThrow(outcome, THING).settings());
  }
}
