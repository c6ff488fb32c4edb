package dev.workspaceoperator.http.view;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.workspaceoperator.http.server.Json;
import dev.workspaceoperator.workspace.Call;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Run;
import dev.workspaceoperator.workspace.Step;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** Runs, steps and calls as JSON: RunResponse, StepResponse (design.md §6) and Call (§16). */
public final class RunView {
  private RunView() {}

  public static byte[] render(Run run) {
    return Json.bytes(json -> {
      json.writeStartObject();
      write(json, run);
      json.writeEndObject();
    });
  }

  public static byte[] render(Step step) {
    return Json.bytes(json -> {
      json.writeStartObject();
      json.writeStringField("id", step.id().toString());
      json.writeStringField("run_id", step.runId().toString());
      Json.text(json, "name", step.name());
      labels(json, step.labels());
      json.writeStringField("status", step.status().label());
      json.writeNumberField("reserved_usd", step.reserved().toUsd());
      amount(json, "cost_usd", step.cost());
      Json.time(json, "admitted_at", step.admittedAt());
      Json.time(json, "settled_at", step.settledAt());
      json.writeEndObject();
    });
  }

  public static byte[] render(Call call) {
    Run run = call.run();
    Step step = call.step();
    return Json.bytes(json -> {
      json.writeStartObject();
      json.writeStringField("id", run.id().toString());
      json.writeStringField("user_id", run.userId());
      Json.text(json, "name", step.name());
      labels(json, step.labels());
      json.writeStringField("status", run.status().label());
      json.writeNumberField("reserved_usd", step.reserved().toUsd());
      amount(json, "cost_usd", step.cost());
      Json.time(json, "admitted_at", step.admittedAt());
      Json.time(json, "lease_expires_at", run.leaseExpiresAt());
      Json.time(json, "settled_at", step.settledAt());
      Json.time(json, "finished_at", run.finishedAt());
      json.writeEndObject();
    });
  }

  /** Writes the members of a run into an object that is open. */
  public static void write(JsonGenerator json, Run run) throws IOException {
    json.writeStringField("id", run.id().toString());
    json.writeStringField("user_id", run.userId());
    labels(json, run.labels());
    json.writeStringField("status", run.status().label());
    Json.time(json, "started_at", run.startedAt());
    Json.time(json, "lease_expires_at", run.leaseExpiresAt());
    Json.time(json, "finished_at", run.finishedAt());
    amount(json, "max_cost_usd", run.maxCost());
    json.writeNumberField("spent_usd", run.spent().toUsd());
    json.writeNumberField("reserved_usd", run.reserved().toUsd());
    Json.text(json, "blocked", run.blocked().map(Enum::name));
  }

  private static void labels(JsonGenerator json, Map<String, String> labels) throws IOException {
    json.writeObjectFieldStart("labels");
    for (Map.Entry<String, String> label : labels.entrySet()) {
      json.writeStringField(label.getKey(), label.getValue());
    }
    json.writeEndObject();
  }

  private static void amount(JsonGenerator json, String name, Optional<MicroUsd> amount)
      throws IOException {
    json.writeFieldName(name);
    Json.value(json, amount.orElse(null));
  }
}
