package dev.workspaceoperator.gate.ledger;

import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Usage;
import dev.workspaceoperator.workspace.port.IdempotencyKey;
import dev.workspaceoperator.workspace.port.RunRef;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** What a batch has read of one workspace, and what it is going to write. */
public final class WorkspaceBatch {
  private static final Usage.Month NOTHING = new Usage.Month(MicroUsd.ZERO, MicroUsd.ZERO);

  private final LocalDate today;
  private final DayBalance todaysBalance;
  private final Usage.Month earlierThisMonth;
  private final Map<UUID, RunState> runs = new LinkedHashMap<>();
  private final Map<UUID, StepState> steps = new HashMap<>();
  private final Map<LocalDate, DayBalance> earlierBalances = new LinkedHashMap<>();
  private final Map<UserDay, DayBalance> userBalances = new LinkedHashMap<>();
  private final Map<String, KeptAnswer> keptAnswers = new HashMap<>();
  private final List<StepState> newSteps = new ArrayList<>();
  private final Map<String, KeptAnswer> newAnswers = new LinkedHashMap<>();
  private int slotChange;

  /**
   * An empty one.
   *
   * @param today the present day of the workspace
   * @param todaysBalance the workspace's books of it
   */
  public WorkspaceBatch(LocalDate today, DayBalance todaysBalance) {
    this(today, todaysBalance, NOTHING);
  }

  /**
   * The same of a workspace with a budget of the month.
   *
   * @param earlierThisMonth what the days of the month before today have used
   */
  public WorkspaceBatch(LocalDate today, DayBalance todaysBalance, Usage.Month earlierThisMonth) {
    this.today = today;
    this.todaysBalance = todaysBalance;
    this.earlierThisMonth = earlierThisMonth;
  }

  /** Enters a run that was read. */
  public void enter(RunState run) {
    runs.put(run.id(), run);
  }

  /** Enters a step that was read. */
  public void enter(StepState step) {
    steps.put(step.identity().stepId(), step);
  }

  /** Enters a user's books of today that were read. */
  public void enter(String userId, DayBalance todays) {
    userBalances.putIfAbsent(new UserDay(userId, today), todays);
  }

  /** Enters an answer that was kept. */
  public void enter(String key, KeptAnswer answer) {
    keptAnswers.put(key, answer);
  }

  /** The run, if it is known and the caller may see it. */
  public Optional<RunState> run(RunRef ref) {
    return Optional.ofNullable(runs.get(ref.runId()))
        .filter(run -> ref.onlyUser().isEmpty() || ref.onlyUser().get().equals(run.userId()));
  }

  /** The run, if it is known. */
  public Optional<RunState> knownRun(UUID runId) {
    return Optional.ofNullable(runs.get(runId));
  }

  /** The step, if it was there before this batch and is of this run. */
  public Optional<StepState> step(UUID runId, UUID stepId) {
    return Optional.ofNullable(steps.get(stepId))
        .filter(step -> step.identity().runId().equals(runId));
  }

  /** The step, if it is known, of whatever run. */
  public Optional<StepState> knownStep(UUID stepId) {
    return Optional.ofNullable(steps.get(stepId))
        .or(() ->
            newSteps.stream().filter(it -> it.identity().stepId().equals(stepId)).findFirst());
  }

  /** What was answered to a key. */
  public Optional<KeptAnswer> kept(IdempotencyKey key) {
    return Optional.ofNullable(keptAnswers.get(key.key()));
  }

  /** Every run that is known. */
  public Collection<RunState> runs() {
    return runs.values();
  }

  /** The workspace's books of a day; of an earlier day only changes are kept. */
  public DayBalance dayBalance(LocalDate day) {
    return day.equals(today)
        ? todaysBalance
        : earlierBalances.computeIfAbsent(day, _ -> DayBalance.unread());
  }

  /** What the workspace has used in the month of today, with what this batch changes of it. */
  public Usage.Month month() {
    long spent = Math.addExact(earlierThisMonth.spent().micros(), todaysBalance.spent());
    long reserved = Math.addExact(earlierThisMonth.reserved().micros(), todaysBalance.reserved());
    for (Map.Entry<LocalDate, DayBalance> earlier : earlierBalances.entrySet()) {
      if (YearMonth.from(earlier.getKey()).equals(YearMonth.from(today))) {
        spent = Math.addExact(spent, earlier.getValue().spentChange());
        reserved = Math.addExact(reserved, earlier.getValue().reservedChange());
      }
    }
    return new Usage.Month(new MicroUsd(spent), new MicroUsd(reserved));
  }

  /** A user's books of a day; of an earlier day only changes are kept. */
  public DayBalance userBalance(String userId, LocalDate day) {
    return userBalances.computeIfAbsent(
        new UserDay(userId, day),
        _ -> day.equals(today) ? DayBalance.empty() : DayBalance.unread());
  }

  /** Adds a run that starts, and takes a slot. */
  public void addRun(RunState run) {
    runs.put(run.id(), run);
    slotChange++;
  }

  /** Gives back the slot of a run that ends. */
  public void releaseSlot() {
    slotChange--;
  }

  /** Adds a step that is admitted. */
  public void addStep(StepState step) {
    newSteps.add(step);
  }

  /** Keeps an answer for its key. */
  public void keep(String key, KeptAnswer answer) {
    newAnswers.put(key, answer);
    keptAnswers.put(key, answer);
  }

  public LocalDate today() {
    return today;
  }

  public DayBalance todaysBalance() {
    return todaysBalance;
  }

  public Map<LocalDate, DayBalance> earlierBalances() {
    return earlierBalances;
  }

  public Map<UserDay, DayBalance> userBalances() {
    return userBalances;
  }

  public Collection<StepState> steps() {
    return steps.values();
  }

  public List<StepState> newSteps() {
    return newSteps;
  }

  public Map<String, KeptAnswer> newAnswers() {
    return newAnswers;
  }

  /** By how much the number of running runs changes. */
  public int slotChange() {
    return slotChange;
  }

  /** Whether anything is to be written. */
  public boolean isChanged() {
    return todaysBalance.isChanged()
        || !newSteps.isEmpty()
        || slotChange != 0
        || !newAnswers.isEmpty()
        || runs.values().stream().anyMatch(RunState::isChanged)
        || steps.values().stream().anyMatch(StepState::isChanged);
  }

  /** A user on a day. */
  public record UserDay(String userId, LocalDate day) {}
}
