package dev.workspaceoperator.gate;

import dev.workspaceoperator.workspace.IdempotencyKey;
import dev.workspaceoperator.workspace.RunRef;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** What a batch has to read before it can decide, each thing once. */
final class Needs {
  private final Set<UUID> workspaces = new LinkedHashSet<>();
  private final Set<UUID> workspacesWithDeadRuns = new LinkedHashSet<>();
  private final Set<RunKey> runs = new LinkedHashSet<>();
  private final Set<StepKey> steps = new LinkedHashSet<>();
  private final Set<UserKey> users = new LinkedHashSet<>();
  private final Set<AnswerKey> answers = new LinkedHashSet<>();

  /** What these operations need together. */
  static Needs of(Iterable<? extends Ticket<?>> tickets) {
    Needs needs = new Needs();
    for (Ticket<?> ticket : tickets) {
      needs.workspaces.add(ticket.operation().workspaceId());
      ticket.operation().need(needs);
    }
    return needs;
  }

  /** What is read of one workspace. */
  static Needs of(UUID workspaceId) {
    Needs needs = new Needs();
    needs.workspaces.add(workspaceId);
    return needs;
  }

  void run(RunRef run) {
    runs.add(new RunKey(run.workspaceId(), run.runId()));
  }

  void step(RunRef run, UUID stepId) {
    steps.add(new StepKey(run.workspaceId(), run.runId(), stepId));
  }

  void user(UUID workspaceId, String userId) {
    users.add(new UserKey(workspaceId, userId));
  }

  void answer(UUID workspaceId, IdempotencyKey key) {
    answers.add(new AnswerKey(workspaceId, key, Optional.empty()));
  }

  void answer(RunRef run, IdempotencyKey key) {
    answers.add(new AnswerKey(run.workspaceId(), key, Optional.of(run)));
  }

  void deadRuns(UUID workspaceId) {
    workspacesWithDeadRuns.add(workspaceId);
  }

  Set<UUID> workspaces() {
    return workspaces;
  }

  Set<UUID> workspacesWithDeadRuns() {
    return workspacesWithDeadRuns;
  }

  Set<RunKey> runs() {
    return runs;
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

  /** A run of a workspace. */
  record RunKey(UUID workspaceId, UUID runId) {}

  /** A step of a run of a workspace. */
  record StepKey(UUID workspaceId, UUID runId, UUID stepId) {}

  /** A user of a workspace. */
  record UserKey(UUID workspaceId, String userId) {}

  /** An Idempotency-Key of a request, and the run that the request bears on. */
  record AnswerKey(UUID workspaceId, IdempotencyKey key, Optional<RunRef> run) {}
}
