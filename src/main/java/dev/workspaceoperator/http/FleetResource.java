package dev.workspaceoperator.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.workspaceoperator.http.server.Answer;
import dev.workspaceoperator.http.server.Exchange;
import dev.workspaceoperator.http.server.Json;
import dev.workspaceoperator.http.server.Lists;
import dev.workspaceoperator.http.server.Route;
import dev.workspaceoperator.http.server.Route.RequestBody;
import dev.workspaceoperator.http.server.Verb;
import dev.workspaceoperator.http.view.WorkspaceView;
import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.Usage;
import dev.workspaceoperator.workspace.port.Fleet;
import dev.workspaceoperator.workspace.port.Fleet.Order;
import dev.workspaceoperator.workspace.port.Fleet.Selection;
import dev.workspaceoperator.workspace.port.Snapshot;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What reaches beyond one workspace: the list of all, and the kill switch of the installation. */
final class FleetResource {
  static final String PATH = "/v1/workspaces";

  private static final String SORT = "sort";
  private static final String KILLED = "killed";

  private final Fleet fleet;
  private final WorkspaceView view;

  FleetResource(Fleet fleet, WorkspaceView view) {
    this.fleet = fleet;
    this.view = view;
  }

  List<Route> routes() {
    return List.of(
        Route.fleet(Verb.GET, PATH, Scope.FLEET_READ, RequestBody.NONE, this::list),
        Route.fleet(
                Verb.POST,
                "/v1/platform/kill-switch",
                Scope.FLEET_WRITE,
                RequestBody.JSON,
                this::switchKill)
            .costing(Route.Cost.KILL_SWITCH));
  }

  private Answer list(Exchange exchange) {
    Selection selection =
        new Selection(
            Lists.parameter(exchange, SORT).map(FleetResource::order).orElse(Order.IDENTITY),
            Lists.parameter(exchange, KILLED).map(FleetResource::killed));
    return Lists.answer(
        exchange,
        List.of(SORT, KILLED),
        request -> fleet.workspaces(selection, request),
        this::write);
  }

  private static Order order(String label) {
    return Arrays.stream(Order.values())
        .filter(order -> order.name().toLowerCase(Locale.ROOT).equals(label))
        .findFirst()
        .orElseThrow(() ->
            Lists.badRequest(
                "sort must be identity, or spent for what spent most today to come first."));
  }

  private static boolean killed(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw Lists.badRequest("killed must be true or false.");
    };
  }

  private Answer switchKill(Exchange exchange) {
    KillSwitchRequest request = KillSwitchRequest.read(exchange.body());
    Optional<KillLatch> latch =
        fleet.switchKill(request.active(), request.reason(), exchange.actor());
    return Answer.ok(
        Json.bytes(json -> {
          json.writeStartObject();
          json.writeBooleanField("active", latch.isPresent());
          Json.text(json, "reason", latch.flatMap(KillLatch::reason));
          Json.time(json, "since", latch.map(KillLatch::since));
          json.writeEndObject();
        }));
  }

  private void write(JsonGenerator json, Snapshot snapshot) throws IOException {
    StoredWorkspace workspace = snapshot.workspace();
    view.writeFields(json, snapshot.settings());
    json.writeStringField("cluster", workspace.identity().cluster());
    json.writeStringField("namespace", workspace.identity().namespace());
    json.writeStringField("plan", workspace.layers().declared().plan().label());
    json.writeBooleanField("archived", workspace.state() == StoredWorkspace.State.ARCHIVED);
    Usage usage = workspace.usage();
    json.writeNumberField("spent_usd", usage.spent().toUsd());
    json.writeNumberField("reserved_usd", usage.reserved().toUsd());
    json.writeNumberField("month_spent_usd", usage.month().spent().toUsd());
    json.writeNumberField("active_runs", usage.activeRuns());
  }
}
