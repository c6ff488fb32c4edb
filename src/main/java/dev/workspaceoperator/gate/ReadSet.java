package dev.workspaceoperator.gate;

import dev.workspaceoperator.workspace.port.IdempotencyKey;
import dev.workspaceoperator.workspace.port.RunRef;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/** What a batch has to read before it can decide, each thing once. */
final class ReadSet {
  private final Set<UUID> workspaces = new LinkedHashSet<>();
  private final DeadRuns deadRuns = new DeadRuns();
  private final Map<RunKey, Boolean> runs = new LinkedHashMap<>();
  private final Set<StepKey> steps = new LinkedHashSet<>();
  private final Set<UserKey> users = new LinkedHashSet<>();
  private final Set<AnswerKey> answers = new LinkedHashSet<>();

  /** What is read of one workspace. */
  static ReadSet of(UUID workspaceId) {
    ReadSet reads = new ReadSet();
    reads.workspace(workspaceId);
    return reads;
  }

  /** A workspace: its row, its books of today. */
  void workspace(UUID workspaceId) {
    workspaces.add(workspaceId);
  }

  /** What a run, or a call, begins upon: dead runs that may hold its slot, its user, its key. */
  void start(UUID workspaceId, String userId, Optional<IdempotencyKey> idempotency) {
    deadRuns.start(workspaceId);
    user(workspaceId, userId);
    idempotency.ifPresent(key -> answers.add(new AnswerKey(workspaceId, key, Optional.empty())));
  }

  /** A run; of its books what its own budget needs. */
  void run(RunRef run) {
    runs.putIfAbsent(new RunKey(run.workspaceId(), run.runId()), false);
  }

  /** A run with all its books: to be shown, or to be ended. */
  void wholeRun(RunRef run) {
    runs.put(new RunKey(run.workspaceId(), run.runId()), true);
  }

  void step(RunRef run, UUID stepId) {
    steps.add(new StepKey(run.workspaceId(), run.runId(), stepId));
  }

  void user(UUID workspaceId, String userId) {
    users.add(new UserKey(workspaceId, userId));
  }

  void answer(RunRef run, IdempotencyKey key) {
    answers.add(new AnswerKey(run.workspaceId(), key, Optional.of(run)));
  }

  /** Dead runs that are to be expired for their own sake. */
  void deadRuns(UUID workspaceId) {
    deadRuns.expire(workspaceId);
  }

  Set<UUID> workspaces() {
    return workspaces;
  }

  DeadRuns deadRuns() {
    return deadRuns;
  }

  /** Each with whether all of it is needed. */
  Map<RunKey, Boolean> runs() {
    return runs;
  }

  /** Adds those runs of another set that are of these workspaces, whole. */
  void addWholeRuns(ReadSet others, Set<UUID> workspaceIds) {
    for (RunKey run : others.runs.keySet()) {
      if (workspaceIds.contains(run.workspaceId())) {
        runs.put(run, true);
      }
    }
  }

  Set<StepKey> steps() {
    return steps;
  }

  Set<UserKey> users() {
    return users;
  }

  Set<AnswerKey> answers() {
    return answers;
  }

  /** The same, by what they are looked up by. */
  Map<KeyOfWorkspace, List<AnswerKey>> answersByKey() {
    return answers.stream()
        .collect(Collectors.groupingBy(it -> new KeyOfWorkspace(it.workspaceId(), it.key().key())));
  }

  /** An Idempotency-Key of a workspace, whatever it is asked for. */
  record KeyOfWorkspace(UUID workspaceId, String key) {}

  /** A run of a workspace. */
  record RunKey(UUID workspaceId, UUID runId) {}

  /** A step of a run of a workspace. */
  record StepKey(UUID workspaceId, UUID runId, UUID stepId) {}

  /** A user of a workspace. */
  record UserKey(UUID workspaceId, String userId) {}

  /** An Idempotency-Key of a request, and the run that the request bears on. */
  record AnswerKey(UUID workspaceId, IdempotencyKey key, Optional<RunRef> run) {}
}
