package dev.workspaceoperator.http;

import dev.workspaceoperator.http.Route.RequestBody;
import dev.workspaceoperator.workspace.RuntimeSettings;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.Snapshot;
import java.util.List;

/** {@code /v1/workspace/}: what is in force, and changing it. */
final class WorkspaceResource {
  private static final String PATH = "/v1/workspace";

  private final RuntimeSettings settings;
  private final WorkspaceView view;

  WorkspaceResource(RuntimeSettings settings, WorkspaceView view) {
    this.settings = settings;
    this.view = view;
  }

  List<Route> routes() {
    return List.of(
        Route.workspace(Verb.GET, PATH, Scope.WORKSPACE_READ, RequestBody.NONE, this::read));
  }

  private Answer read(Exchange exchange) {
    return view.answer(snapshot(settings, exchange));
  }

  /** The caller's workspace as it is now. */
  static Snapshot snapshot(RuntimeSettings settings, Exchange exchange) {
    return settings.read(exchange.workspaceId()).orElseThrow(WorkspaceResource::gone);
  }

  static ProblemException gone() {
    return new ProblemException(
        ProblemCode.NOT_FOUND, "The credential's workspace is not in the store.");
  }
}
