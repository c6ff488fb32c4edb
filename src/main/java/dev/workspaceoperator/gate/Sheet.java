package dev.workspaceoperator.gate;

import dev.workspaceoperator.workspace.IdempotencyKey;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.RunRef;
import dev.workspaceoperator.workspace.Usage;
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
final class Sheet {
  private static final Usage.Month NOTHING = new Usage.Month(MicroUsd.ZERO, MicroUsd.ZERO);

  private final LocalDate today;
  private final Book todaysBook;
  private final Usage.Month earlierThisMonth;
  private final Map<UUID, RunState> runs = new LinkedHashMap<>();
  private final Map<UUID, StepState> steps = new HashMap<>();
  private final Map<LocalDate, Book> earlierBooks = new LinkedHashMap<>();
  private final Map<UserDay, Book> userBooks = new LinkedHashMap<>();
  private final Map<String, KeptAnswer> keptAnswers = new HashMap<>();
  private final List<StepState> newSteps = new ArrayList<>();
  private final Map<String, KeptAnswer> newAnswers = new LinkedHashMap<>();
  private int slotChange;

  /**
   * An empty one.
   *
   * @param today the present day of the workspace
   * @param todaysBook the workspace's books of it
   */
  Sheet(LocalDate today, Book todaysBook) {
    this(today, todaysBook, NOTHING);
  }

  /**
   * The same of a workspace with a budget of the month.
   *
   * @param earlierThisMonth what the days of the month before today have used
   */
  Sheet(LocalDate today, Book todaysBook, Usage.Month earlierThisMonth) {
    this.today = today;
    this.todaysBook = todaysBook;
    this.earlierThisMonth = earlierThisMonth;
  }

  /** Enters a run that was read. */
  void enter(RunState run) {
    runs.put(run.id(), run);
  }

  /** Enters a step that was read. */
  void enter(StepState step) {
    steps.put(step.identity().stepId(), step);
  }

  /** Enters a user's books of today that were read. */
  void enter(String userId, Book todays) {
    userBooks.putIfAbsent(new UserDay(userId, today), todays);
  }

  /** Enters an answer that was kept. */
  void enter(String key, KeptAnswer answer) {
    keptAnswers.put(key, answer);
  }

  /** The run, if it is known and the caller may see it. */
  Optional<RunState> run(RunRef ref) {
    return Optional.ofNullable(runs.get(ref.runId()))
        .filter(run -> ref.onlyUser().isEmpty() || ref.onlyUser().get().equals(run.userId()));
  }

  /** The run, if it is known. */
  Optional<RunState> knownRun(UUID runId) {
    return Optional.ofNullable(runs.get(runId));
  }

  /** The step, if it was there before this batch and is of this run. */
  Optional<StepState> step(UUID runId, UUID stepId) {
    return Optional.ofNullable(steps.get(stepId))
        .filter(step -> step.identity().runId().equals(runId));
  }

  /** The step, if it is known, of whatever run. */
  Optional<StepState> knownStep(UUID stepId) {
    return Optional.ofNullable(steps.get(stepId))
        .or(() ->
            newSteps.stream().filter(it -> it.identity().stepId().equals(stepId)).findFirst());
  }

  /** What was answered to a key. */
  Optional<KeptAnswer> kept(IdempotencyKey key) {
    return Optional.ofNullable(keptAnswers.get(key.key()));
  }

  /** Every run that is known. */
  Collection<RunState> runs() {
    return runs.values();
  }

  /** The workspace's books of a day; of an earlier day only changes are kept. */
  Book dayBook(LocalDate day) {
    return day.equals(today) ? todaysBook : earlierBooks.computeIfAbsent(day, _ -> Book.unread());
  }

  /** What the workspace has used in the month of today, with what this batch changes of it. */
  Usage.Month month() {
    long spent = Math.addExact(earlierThisMonth.spent().micros(), todaysBook.spent());
    long reserved = Math.addExact(earlierThisMonth.reserved().micros(), todaysBook.reserved());
    for (Map.Entry<LocalDate, Book> earlier : earlierBooks.entrySet()) {
      if (YearMonth.from(earlier.getKey()).equals(YearMonth.from(today))) {
        spent = Math.addExact(spent, earlier.getValue().spentChange());
        reserved = Math.addExact(reserved, earlier.getValue().reservedChange());
      }
    }
    return new Usage.Month(new MicroUsd(spent), new MicroUsd(reserved));
  }

  /** A user's books of a day; of an earlier day only changes are kept. */
  Book userBook(String userId, LocalDate day) {
    return userBooks.computeIfAbsent(
        new UserDay(userId, day), _ -> day.equals(today) ? Book.empty() : Book.unread());
  }

  /** Adds a run that starts, and takes a slot. */
  void addRun(RunState run) {
    runs.put(run.id(), run);
    slotChange++;
  }

  /** Gives back the slot of a run that ends. */
  void releaseSlot() {
    slotChange--;
  }

  /** Adds a step that is admitted. */
  void addStep(StepState step) {
    newSteps.add(step);
  }

  /** Keeps an answer for its key. */
  void keep(String key, KeptAnswer answer) {
    newAnswers.put(key, answer);
    keptAnswers.put(key, answer);
  }

  LocalDate today() {
    return today;
  }

  Book todaysBook() {
    return todaysBook;
  }

  Map<LocalDate, Book> earlierBooks() {
    return earlierBooks;
  }

  Map<UserDay, Book> userBooks() {
    return userBooks;
  }

  Collection<StepState> steps() {
    return steps.values();
  }

  List<StepState> newSteps() {
    return newSteps;
  }

  Map<String, KeptAnswer> newAnswers() {
    return newAnswers;
  }

  /** By how much the number of running runs changes. */
  int slotChange() {
    return slotChange;
  }

  /** Whether anything is to be written. */
  boolean isChanged() {
    return todaysBook.isChanged()
        || !newSteps.isEmpty()
        || slotChange != 0
        || !newAnswers.isEmpty()
        || runs.values().stream().anyMatch(RunState::isChanged)
        || steps.values().stream().anyMatch(StepState::isChanged);
  }

  /** A user on a day. */
  record UserDay(String userId, LocalDate day) {}
}
