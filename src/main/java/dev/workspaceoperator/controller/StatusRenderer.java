package dev.workspaceoperator.controller;

import dev.workspaceoperator.crd.WorkspaceCondition;
import dev.workspaceoperator.crd.WorkspaceStatus;
import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.EffectiveSettings;
import dev.workspaceoperator.workspace.EffectiveValue;
import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.KillSwitch;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.PlanRefusal;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.Usage;
import dev.workspaceoperator.workspace.port.Gathered;
import dev.workspaceoperator.workspace.port.LostHistory;
import dev.workspaceoperator.workspace.rule.PlanLimits;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Says what is so, in status (design.md §5). The only place that writes conditions. Pure: the same
 * input gives the same status.
 */
final class StatusRenderer {
  /** Usage moves all the time; status follows it at most this often. */
  static final Duration USAGE_INTERVAL = Duration.ofSeconds(60);

  /** A loss is told for so long: as long as what was spent can be settled late. */
  static final Duration LOSS_TOLD_FOR = Duration.ofDays(7);

  private static final Set<String> KEPT_WHILE_UNDECIDED =
      Set.of(
          ConditionType.KILL_SWITCH_ACTIVE.label(),
          ConditionType.PLAN_LIMITED.label(),
          ConditionType.BUDGET_EXHAUSTED.label(),
          ConditionType.HISTORY_LOST.label());

  private static final WorkspaceStatus NOTHING =
      new WorkspaceStatus(null, null, null, null, null, null, null, null, null);

  private final PlanDefaults planDefaults;

  StatusRenderer(PlanDefaults planDefaults) {
    this.planDefaults = planDefaults;
  }

  /**
   * The status after a decision was carried out.
   *
   * @param previous the status that is there
   * @param generation the generation that was decided on
   * @param gathered what the store says now
   * @param stall why something is not in force, if so
   */
  WorkspaceStatus decided(
      WorkspaceStatus previous, long generation, Gathered gathered, Optional<Stall> stall) {
    return decided(previous, generation, gathered, stall, Optional.empty());
  }

  /**
   * The same where the store may have lost what status knew.
   *
   * @param lost what it is; told for a week, if nothing else is lost meanwhile
   */
  WorkspaceStatus decided(
      WorkspaceStatus previous,
      long generation,
      Gathered gathered,
      Optional<Stall> stall,
      Optional<LostHistory> lost) {
    Instant now = gathered.now();
    ConditionSet conditions = new ConditionSet(conditions(previous), generation, now);
    if (gathered.workspace().isEmpty()) {
      Stall reason =
          stall.orElseThrow(() -> new IllegalStateException("neither stored nor refused"));
      renderReadiness(conditions, Optional.of(reason));
      renderLoss(conditions, previous, lost, now);
      // What is known of the one that was lost is held against the one that will be stored.
      WorkspaceStatus known = lost.isPresent() ? previous : NOTHING;
      return new WorkspaceStatus(
          generation,
          known.id(),
          null,
          null,
          null,
          known.killSwitch(),
          null,
          known.audit(),
          conditions.toList());
    }
    StoredWorkspace workspace = gathered.workspace().get();
    EffectiveSettings effective = EffectiveSettings.resolve(workspace.layers(), planDefaults, now);
    PlanLimits limits = PlanLimits.of(workspace.layers(), now);
    if (workspace.state() == StoredWorkspace.State.ARCHIVED && stall.isEmpty()) {
      conditions.no(
          ConditionType.READY,
          Reason.ARCHIVED,
          "The resource is being deleted with deletionPolicy Delete: its workspace is archived and admits nothing.");
    } else {
      renderReadiness(conditions, stall);
    }
    renderKillSwitch(conditions, workspace);
    if (!limits.kept().isEmpty() || !limits.asleep().isEmpty()) {
      conditions.yes(
          ConditionType.PLAN_LIMITED, Reason.PLAN_UPGRADE_REQUIRED, limitedSentence(limits));
    }
    renderExhaustion(conditions, workspace.usage(), effective);
    renderLoss(conditions, previous, lost, now);
    return new WorkspaceStatus(
        generation,
        workspace.id().toString(),
        workspace.slug().orElse(null),
        workspace.layers().declared().plan().label(),
        new WorkspaceStatus.Effective(
            text(effective.text(Setting.NAME)),
            text(effective.budget(Setting.DAILY_BUDGET)),
            text(effective.budget(Setting.USER_DAILY_BUDGET)),
            text(effective.budget(Setting.MONTHLY_BUDGET)),
            field(effective.count(Setting.MAX_CONCURRENT_RUNS)),
            field(effective.killSwitch())),
        latches(workspace.layers().killSwitch()),
        usage(previous, workspace.usage(), now),
        new WorkspaceStatus.AuditStatus(workspace.auditHead().seq(), workspace.auditHead().hash()),
        conditions.toList());
  }

  /**
   * What the store has for a resource that is made anew, as the one before it told; it was in force
   * for no resource, so readiness is not told.
   */
  WorkspaceStatus stored(Gathered gathered) {
    PlanLimits limits = PlanLimits.of(gathered.workspace().orElseThrow().layers(), gathered.now());
    WorkspaceStatus status = decided(NOTHING, 0, gathered, Stall.ofStored(limits.notInForce()));
    return new WorkspaceStatus(
        status.observedGeneration(),
        status.id(),
        status.slug(),
        status.plan(),
        status.effective(),
        status.killSwitch(),
        status.usage(),
        status.audit(),
        conditions(status).stream()
            .filter(condition -> !condition.type().equals(ConditionType.READY.label()))
            .toList());
  }

  /**
   * The status while nothing can be decided: everything else stays as it was, and {@code
   * status.observedGeneration} too, because this generation has not been dealt with.
   */
  WorkspaceStatus undecided(
      WorkspaceStatus previous, long generation, Reason reason, String message, Instant now) {
    ConditionSet conditions =
        new ConditionSet(conditions(previous), generation, now)
            .no(ConditionType.READY, reason, message)
            .yes(ConditionType.RECONCILING, reason, message);
    List<WorkspaceCondition> kept =
        conditions(previous).stream()
            .filter(condition -> KEPT_WHILE_UNDECIDED.contains(condition.type()))
            .toList();
    return new WorkspaceStatus(
        previous.observedGeneration(),
        previous.id(),
        previous.slug(),
        previous.plan(),
        previous.effective(),
        previous.killSwitch(),
        previous.usage(),
        previous.audit(),
        Stream.concat(conditions.toList().stream(), kept.stream()).toList());
  }

  private static void renderReadiness(ConditionSet conditions, Optional<Stall> stall) {
    stall.ifPresentOrElse(
        problem ->
            conditions
                .no(ConditionType.READY, problem.reason(), problem.message())
                .yes(ConditionType.STALLED, problem.reason(), problem.message()),
        () -> conditions.yes(ConditionType.READY, Reason.SYNCED, "The manifest is in force."));
  }

  private static void renderKillSwitch(ConditionSet conditions, StoredWorkspace workspace) {
    workspace
        .layers()
        .killSwitch()
        .strongest()
        .ifPresent(latch ->
            conditions.yes(
                ConditionType.KILL_SWITCH_ACTIVE,
                Reason.ofLatch(latch.holder().source()),
                sentence(
                    "Every run and step is refused"
                        + latch.reason().map(reason -> ": " + reason).orElse(""))));
  }

  private static void renderLoss(
      ConditionSet conditions, WorkspaceStatus previous, Optional<LostHistory> lost, Instant now) {
    lost.map(LostHistory::told)
        .or(() ->
            ConditionSet.find(conditions(previous), ConditionType.HISTORY_LOST)
                .filter(told ->
                    instant(told.lastTransitionTime())
                        .filter(since -> now.isBefore(since.plus(LOSS_TOLD_FOR)))
                        .isPresent())
                .map(WorkspaceCondition::message))
        .ifPresent(
            message -> conditions.yes(ConditionType.HISTORY_LOST, Reason.STORE_WENT_BACK, message));
  }

  /** With a full stop, unless whoever gave the reason set one. */
  private static String sentence(String text) {
    return text.matches("(?s).*[.!?]") ? text : text + ".";
  }

  private static String limitedSentence(PlanLimits limits) {
    List<String> sentences = new ArrayList<>();
    if (!limits.kept().isEmpty()) {
      sentences.add(
          "Accepted earlier and kept, though plan %s could not set it anew: %s."
              .formatted(limits.kept().getFirst().plan(), listed(limits.kept())));
    }
    if (!limits.asleep().isEmpty()) {
      sentences.add(
          "Not in force on plan %s, and back after an upgrade: %s."
              .formatted(limits.asleep().getFirst().plan(), listed(limits.asleep())));
    }
    return String.join(" ", sentences);
  }

  private static String listed(List<PlanRefusal> refusals) {
    return refusals.stream()
        .map(refusal -> "%s (needs %s)".formatted(refusal.specField(), refusal.requiredPlan()))
        .collect(Collectors.joining(", "));
  }

  /** Of both the one that lasts longer. */
  private static void renderExhaustion(
      ConditionSet conditions, Usage usage, EffectiveSettings effective) {
    Budget month = effective.budget(Setting.MONTHLY_BUDGET).value();
    Budget day = effective.budget(Setting.DAILY_BUDGET).value();
    if (usage.month().spent().micros() >= month.micros()) {
      conditions.yes(
          ConditionType.BUDGET_EXHAUSTED,
          Reason.MONTHLY_BUDGET,
          "This month's budget of %s USD is spent; new runs and steps are refused until %s, 00:00 UTC."
              .formatted(month, LocalDate.ofInstant(usage.monthEnds(), ZoneOffset.UTC)));
    } else if (usage.spent().micros() >= day.micros()) {
      conditions.yes(
          ConditionType.BUDGET_EXHAUSTED,
          Reason.DAILY_BUDGET,
          "Today's budget of %s USD is spent; new runs and steps are refused until 00:00 UTC."
              .formatted(day));
    }
  }

  private static WorkspaceStatus.UsageStatus usage(
      WorkspaceStatus previous, Usage usage, Instant now) {
    WorkspaceStatus.UsageStatus before = previous.usage();
    WorkspaceStatus.UsageStatus after =
        new WorkspaceStatus.UsageStatus(
            usage.day().toString(),
            usage.spent().toString(),
            usage.reserved().toString(),
            usage.activeRuns(),
            now.truncatedTo(ChronoUnit.SECONDS).toString());
    Optional<Instant> asOf = Optional.ofNullable(before).flatMap(shown -> instant(shown.asOf()));
    if (before == null || asOf.filter(time -> !time.isAfter(now)).isEmpty()) {
      return after;
    }
    boolean sameAmounts =
        after.spentUsd().equals(before.spentUsd())
            && after.reservedUsd().equals(before.reservedUsd())
            && after.activeRuns().equals(before.activeRuns());
    // An idle workspace need not be rewritten at midnight only to say another day.
    boolean unchanged = sameAmounts && (after.day().equals(before.day()) || isIdle(usage));
    boolean recent = now.isBefore(asOf.get().plus(USAGE_INTERVAL));
    return unchanged || recent ? before : after;
  }

  private static boolean isIdle(Usage usage) {
    return usage.spent().micros() == 0 && usage.reserved().micros() == 0 && usage.activeRuns() == 0;
  }

  /** Status is the user's to garble; empty for what cannot be read. */
  private static Optional<Instant> instant(@Nullable String text) {
    try {
      return Optional.ofNullable(text).map(Instant::parse);
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private static WorkspaceStatus.EffectiveField<String> text(EffectiveValue<?> value) {
    return field(new EffectiveValue<>(value.value().toString(), value.source(), value.until()));
  }

  private static <T> WorkspaceStatus.EffectiveField<T> field(EffectiveValue<T> value) {
    return new WorkspaceStatus.EffectiveField<>(
        value.value(), value.source().label(), value.until().map(Instant::toString).orElse(null));
  }

  /** Null while the kill switch is off: a list that is empty today would be absent tomorrow. */
  private static WorkspaceStatus.@Nullable KillSwitchLatches latches(KillSwitch killSwitch) {
    return killSwitch.active()
        ? new WorkspaceStatus.KillSwitchLatches(
            killSwitch.latches().stream().map(StatusRenderer::latch).toList())
        : null;
  }

  private static WorkspaceStatus.Latch latch(KillLatch latch) {
    return new WorkspaceStatus.Latch(
        latch.holder().source().label(), latch.since().toString(), latch.reason().orElse(null));
  }

  private static List<WorkspaceCondition> conditions(WorkspaceStatus status) {
    return status.conditions() == null ? List.of() : status.conditions();
  }
}
