package dev.workspaceoperator.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.workspaceoperator.http.server.Answer;
import dev.workspaceoperator.http.server.Exchange;
import dev.workspaceoperator.http.server.Json;
import dev.workspaceoperator.http.server.Route;
import dev.workspaceoperator.http.server.Route.RequestBody;
import dev.workspaceoperator.http.server.Verb;
import dev.workspaceoperator.workspace.EffectiveSettings;
import dev.workspaceoperator.workspace.EffectiveValue;
import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.Layers;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.PlanRefusal;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.port.RuntimeSettings;
import dev.workspaceoperator.workspace.port.Snapshot;
import dev.workspaceoperator.workspace.rule.PlanLimits;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** {@code /v1/workspace/settings}: where each value comes from. */
final class SettingsResource {
  private final RuntimeSettings settings;
  private final PlanDefaults defaults;

  SettingsResource(RuntimeSettings settings, PlanDefaults defaults) {
    this.settings = settings;
    this.defaults = defaults;
  }

  List<Route> routes() {
    return List.of(
        Route.workspace(
                Verb.GET,
                "/v1/workspace/settings",
                Scope.WORKSPACE_READ,
                RequestBody.NONE,
                this::read)
            .costing(Route.Cost.AT_ONCE)
            .forFleetToo());
  }

  private Answer read(Exchange exchange) {
    Snapshot snapshot = WorkspaceResource.snapshot(settings, exchange);
    return Answer.ok(Json.bytes(json -> write(json, snapshot)));
  }

  private void write(JsonGenerator json, Snapshot snapshot) throws IOException {
    StoredWorkspace workspace = snapshot.workspace();
    Layers layers = workspace.layers();
    EffectiveSettings effective = snapshot.effective(defaults);
    json.writeStartObject();
    json.writeStringField("plan", layers.declared().plan().label());
    json.writeNumberField("revision", workspace.revision());
    for (Setting setting : Setting.values()) {
      boolean declared = layers.declared().values().get(setting).isPresent();
      write(json, setting.restName(), effective.get(setting), declaredBy(workspace, declared));
    }
    boolean latchDeclared = layers.declared().killSwitch().isPresent();
    write(json, "kill_switch", effective.killSwitch(), declaredBy(workspace, latchDeclared));
    json.writeArrayFieldStart("latches");
    for (KillLatch latch : layers.killSwitch().latches()) {
      write(json, latch);
    }
    json.writeEndArray();
    write(json, PlanLimits.of(layers, snapshot.now()));
    json.writeEndObject();
  }

  /** The manifest, while there is one: what it left behind can be changed here. */
  private static Optional<String> declaredBy(StoredWorkspace workspace, boolean declared) {
    return declared && workspace.state() == StoredWorkspace.State.PRESENT
        ? Optional.of(workspace.identity().namespacedName())
        : Optional.empty();
  }

  private static void write(
      JsonGenerator json, String name, EffectiveValue<?> value, Optional<String> declaredBy)
      throws IOException {
    json.writeObjectFieldStart(name);
    json.writeFieldName("value");
    Json.value(json, value.value());
    json.writeStringField("source", value.source().label());
    Json.time(json, "until", value.until());
    Json.text(json, "declared_by", declaredBy);
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, KillLatch latch) throws IOException {
    json.writeStartObject();
    json.writeStringField("source", latch.holder().source().label());
    Json.time(json, "since", latch.since());
    Json.text(json, "reason", latch.reason());
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, PlanLimits limits) throws IOException {
    json.writeObjectFieldStart("plan_limits");
    write(json, "kept", limits.kept());
    write(json, "asleep", limits.asleep());
    write(json, "not_in_force", limits.notInForce());
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, String name, List<PlanRefusal> limits)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (PlanRefusal limit : limits) {
      json.writeStartObject();
      json.writeStringField("field", limit.restField());
      json.writeStringField("required_plan", limit.requiredPlan().label());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
