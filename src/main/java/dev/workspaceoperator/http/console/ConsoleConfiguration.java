package dev.workspaceoperator.http.console;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.workspaceoperator.http.server.Json;
import dev.workspaceoperator.workspace.Bounds;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingType;
import dev.workspaceoperator.workspace.rule.PlanGate;
import java.io.IOException;
import java.util.Arrays;

/**
 * What the page must know before anybody has signed in: where people do so, and what settings there
 * are, so that it knows none by its name (design.md §15).
 */
final class ConsoleConfiguration {
  private ConsoleConfiguration() {}

  static byte[] render(ConsoleSettings settings) {
    return Json.bytes(json -> {
      json.writeStartObject();
      json.writeStringField("version", settings.version());
      json.writeArrayFieldStart("issuers");
      for (ConsoleSettings.SignInPlace place : settings.places().toList()) {
        json.writeStartObject();
        json.writeStringField("issuer", place.issuer());
        json.writeStringField("client_id", place.clientId());
        Json.texts(json, "scopes", place.scopes());
        json.writeEndObject();
      }
      json.writeEndArray();
      Json.texts(json, "plans", Arrays.stream(Plan.values()).map(Plan::label).toList());
      json.writeArrayFieldStart("settings");
      for (Setting setting : Setting.values()) {
        write(json, setting);
      }
      json.writeEndArray();
      json.writeObjectFieldStart("kill_switch");
      json.writeStringField("required_plan", PlanGate.KILL_SWITCH_PLAN.label());
      json.writeStringField("spec_name", "killSwitch");
      json.writeEndObject();
      json.writeNumberField("reason_length_max", Bounds.REASON_LENGTH_MAX);
      json.writeNumberField("budget_usd_max", Bounds.BUDGET_USD_MAX);
      json.writeEndObject();
    });
  }

  private static void write(JsonGenerator json, Setting setting) throws IOException {
    json.writeStartObject();
    json.writeStringField("field", setting.restName());
    json.writeStringField("spec_name", setting.specName());
    json.writeStringField("required_plan", setting.requiredPlan().label());
    json.writeBooleanField("overridable", setting.isOverridable());
    switch (setting.type()) {
      case SettingType.Money _ -> json.writeStringField("type", "money");
      case SettingType.Count count -> {
        json.writeStringField("type", "count");
        json.writeNumberField("max", count.max());
      }
      case SettingType.Text text -> {
        json.writeStringField("type", "text");
        json.writeNumberField("max", text.max());
      }
    }
    json.writeEndObject();
  }
}
