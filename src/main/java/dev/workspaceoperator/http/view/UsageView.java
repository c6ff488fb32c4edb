package dev.workspaceoperator.http.view;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.workspaceoperator.http.server.Json;
import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.BudgetState;
import dev.workspaceoperator.workspace.EffectiveSettings;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.Usage;
import dev.workspaceoperator.workspace.port.Snapshot;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/**
 * What a workspace has used today, and what its budget leaves (design.md §6).
 *
 * @param defaults what is in force where nothing is set
 */
public record UsageView(PlanDefaults defaults) {
  private static final MicroUsd NOTHING = new MicroUsd(0);

  /** The usage as JSON. */
  public byte[] render(Snapshot snapshot) {
    return Json.bytes(json -> {
      json.writeStartObject();
      writeFields(json, snapshot);
      json.writeEndObject();
    });
  }

  /** Writes the fields into an object that is open. */
  public void writeFields(JsonGenerator json, Snapshot snapshot) throws IOException {
    EffectiveSettings effective = snapshot.effective(defaults);
    writeTotals(
        json,
        snapshot.workspace().usage(),
        effective.budget(Setting.DAILY_BUDGET).value(),
        effective.budget(Setting.MONTHLY_BUDGET).value(),
        effective.count(Setting.MAX_CONCURRENT_RUNS).value());
  }

  /** Writes a day's totals into an object that is open. */
  public static void writeTotals(
      JsonGenerator json, Usage usage, Budget budget, Budget monthlyBudget, int maxConcurrentRuns)
      throws IOException {
    Instant resetsAt = usage.dayEnds();
    json.writeStringField("day", usage.day().toString());
    Json.time(json, "resets_at", resetsAt);
    Json.budget(json, "daily_budget_usd", budget);
    json.writeNumberField("spent_usd", usage.spent().toUsd());
    json.writeNumberField("reserved_usd", usage.reserved().toUsd());
    json.writeFieldName("remaining_usd");
    Json.value(json, remaining(budget, usage, resetsAt));
    json.writeNumberField("active_runs", usage.activeRuns());
    json.writeNumberField("max_concurrent_runs", maxConcurrentRuns);
    json.writeObjectFieldStart("month");
    json.writeNumberField("spent_usd", usage.month().spent().toUsd());
    json.writeNumberField("reserved_usd", usage.month().reserved().toUsd());
    Json.budget(json, "budget_usd", monthlyBudget);
    Json.time(json, "resets_at", usage.monthEnds());
    json.writeEndObject();
  }

  private static Object remaining(Budget budget, Usage usage, Instant resetsAt) {
    return budget.isUnlimited()
        ? budget
        : new BudgetState(budget, usage.spent(), usage.reserved(), NOTHING, Optional.of(resetsAt))
            .remaining();
  }
}
