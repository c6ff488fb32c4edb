package dev.workspaceoperator.crd;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.workspaceoperator.workspace.Setting;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the operator tells (design.md §5). A null is absent: it is not serialised, so that a
 * server-side apply of a status owns only what it says. Times are RFC 3339 in UTC.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record WorkspaceStatus(
    @JsonPropertyDescription(
            "The newest generation that was looked at, accepted or refused; -1 before the first.")
        @Nullable Long observedGeneration,
    @JsonPropertyDescription("The workspace's id in the REST API, for ever.") @Nullable String id,
    @JsonPropertyDescription("The slug that the workspace holds.") @Nullable String slug,
    @JsonPropertyDescription("The plan that counts: Basic, Pro, Scale or Enterprise.")
        @Nullable String plan,
    @JsonPropertyDescription("Each setting that is in force, and the layer that it comes from.")
        @Nullable Effective effective,
    @JsonPropertyDescription("Who holds the kill switch on; absent while it is off.")
        @Nullable KillSwitchLatches killSwitch,
    @JsonPropertyDescription("What was used today; renewed at most once a minute.")
        @Nullable UsageStatus usage,
    @JsonPropertyDescription("The newest row of the workspace's audit chain.")
        @Nullable AuditStatus audit,
    @JsonPropertyDescription(
            "Ready always; Reconciling, Stalled, KillSwitchActive, PlanLimited, BudgetExhausted and"
                + " HistoryLost only while true.")
        @Nullable List<WorkspaceCondition> conditions) {

  /** Each setting in force. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Effective(
      @JsonPropertyDescription("Display name.") @Nullable EffectiveField<String> name,
      @JsonPropertyDescription(
              "Most that the whole workspace may spend in a UTC day, in US dollars.")
          @Nullable EffectiveField<String> dailyBudgetUsd,
      @JsonPropertyDescription("Most that each user may spend in a UTC day, in US dollars.")
          @Nullable EffectiveField<String> userDailyBudgetUsd,
      @JsonPropertyDescription(
              "Most that the whole workspace may spend in a calendar month (UTC), in US dollars.")
          @Nullable EffectiveField<String> monthlyBudgetUsd,
      @JsonPropertyDescription("Most runs at the same time.")
          @Nullable EffectiveField<Integer> maxConcurrentRuns,
      @JsonPropertyDescription("Whether every run and step is refused.")
          @Nullable EffectiveField<Boolean> killSwitch) {
    /** What is told of a setting; null where nothing is. */
    public @Nullable EffectiveField<?> get(Setting setting) {
      return switch (setting) {
        case NAME -> name;
        case DAILY_BUDGET -> dailyBudgetUsd;
        case USER_DAILY_BUDGET -> userDailyBudgetUsd;
        case MONTHLY_BUDGET -> monthlyBudgetUsd;
        case MAX_CONCURRENT_RUNS -> maxConcurrentRuns;
      };
    }
  }

  /**
   * One setting in force.
   *
   * @param value budgets as plain text or {@code unlimited}, the cap as an integer, the switch as a
   *     boolean
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record EffectiveField<T>(
      @JsonPropertyDescription("The value in force.") T value,
      @JsonPropertyDescription(
              "Where it comes from: Override, Declared, Runtime, Platform, PlanDefault or Default.")
          String source,
      @JsonPropertyDescription("When it ends, for an override.") @Nullable String until) {}

  /** Who holds the kill switch on. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record KillSwitchLatches(
      @JsonPropertyDescription("One entry for each holder, the strongest first.")
          List<Latch> latches) {}

  /** One holder's stop. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Latch(
      @JsonPropertyDescription("Who holds it: Platform, Declared or Runtime.") String source,
      @JsonPropertyDescription("Since when.") String since,
      @JsonPropertyDescription("Why, in a person's words.") @Nullable String reason) {}

  /** What was used on one UTC day. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record UsageStatus(
      @JsonPropertyDescription("The UTC day, such as 2030-01-31.") String day,
      @JsonPropertyDescription("Settled cost in US dollars.") String spentUsd,
      @JsonPropertyDescription("Cost of open steps in US dollars.") String reservedUsd,
      @JsonPropertyDescription("Runs that are running.") Integer activeRuns,
      @JsonPropertyDescription("When this was read.") String asOf) {}

  /** Head of the audit chain. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record AuditStatus(
      @JsonPropertyDescription("Number of the newest row.") Long seq,
      @JsonPropertyDescription("Hash of the newest row, in hex.") String hash) {}
}
