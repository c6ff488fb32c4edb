package dev.workspaceoperator.gate;

import dev.workspaceoperator.gate.ledger.WorkspaceLedger;
import dev.workspaceoperator.workspace.Call;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Run;
import dev.workspaceoperator.workspace.RunOutcome;
import dev.workspaceoperator.workspace.Step;
import dev.workspaceoperator.workspace.port.Actor;
import dev.workspaceoperator.workspace.port.CallDraft;
import dev.workspaceoperator.workspace.port.Created;
import dev.workspaceoperator.workspace.port.RunDraft;
import dev.workspaceoperator.workspace.port.RunRef;
import dev.workspaceoperator.workspace.port.StepDraft;
import java.util.UUID;

/**
 * Something that is asked of the gate: it says what has to be read for it, and how it is decided
 * then.
 *
 * @param <T> what its caller gets
 */
sealed interface Operation<T> {
  /** The one workspace that it bears on. */
  UUID workspaceId();

  /** What spans and lines of the log call it. */
  String title();

  /** Names what has to be read. */
  void need(ReadSet reads);

  /** Decides it upon what was read. */
  Outcome<T> decide(WorkspaceLedger ledger);

  /** The start of a run. */
  record Start(RunDraft draft) implements Operation<Created<Run>> {
    @Override
    public String title() {
      return "admit run";
    }

    @Override
    public UUID workspaceId() {
      return draft.workspaceId();
    }

    @Override
    public void need(ReadSet reads) {
      reads.start(workspaceId(), draft.userId(), draft.idempotency());
    }

    @Override
    public Outcome<Created<Run>> decide(WorkspaceLedger ledger) {
      return ledger.start(draft);
    }
  }

  /** The admission of a step. */
  record AdmitStep(StepDraft draft) implements Operation<Created<Step>> {
    @Override
    public String title() {
      return "admit step";
    }

    @Override
    public UUID workspaceId() {
      return draft.run().workspaceId();
    }

    @Override
    public void need(ReadSet reads) {
      reads.run(draft.run());
      draft.idempotency().ifPresent(key -> reads.answer(draft.run(), key));
    }

    @Override
    public Outcome<Created<Step>> decide(WorkspaceLedger ledger) {
      return ledger.step(draft);
    }
  }

  /** The admission of a call. */
  record AdmitCall(CallDraft draft) implements Operation<Created<Call>> {
    @Override
    public String title() {
      return "admit call";
    }

    @Override
    public UUID workspaceId() {
      return draft.workspaceId();
    }

    @Override
    public void need(ReadSet reads) {
      reads.start(workspaceId(), draft.userId(), draft.idempotency());
    }

    @Override
    public Outcome<Created<Call>> decide(WorkspaceLedger ledger) {
      return ledger.call(draft);
    }
  }

  /** The settlement of a call, which ends it. */
  record SettleCall(RunRef call, MicroUsd cost, RunOutcome outcome) implements Operation<Call> {
    @Override
    public String title() {
      return "settle call";
    }

    @Override
    public UUID workspaceId() {
      return call.workspaceId();
    }

    @Override
    public void need(ReadSet reads) {
      reads.wholeRun(call);
      reads.step(call, call.runId());
    }

    @Override
    public Outcome<Call> decide(WorkspaceLedger ledger) {
      return ledger.settleCall(call, cost, outcome);
    }
  }

  /** The settlement of a step. */
  record Settle(RunRef run, UUID stepId, MicroUsd cost) implements Operation<Step> {
    @Override
    public String title() {
      return "settle step";
    }

    @Override
    public UUID workspaceId() {
      return run.workspaceId();
    }

    @Override
    public void need(ReadSet reads) {
      reads.run(run);
      reads.step(run, stepId);
    }

    @Override
    public Outcome<Step> decide(WorkspaceLedger ledger) {
      return ledger.settle(run, stepId, cost);
    }
  }

  /** A sign of life. */
  record Heartbeat(RunRef run) implements Operation<Run> {
    @Override
    public String title() {
      return "heartbeat";
    }

    @Override
    public UUID workspaceId() {
      return run.workspaceId();
    }

    @Override
    public void need(ReadSet reads) {
      reads.wholeRun(run);
    }

    @Override
    public Outcome<Run> decide(WorkspaceLedger ledger) {
      return ledger.heartbeat(run);
    }
  }

  /** The end of a run, told by its client. */
  record Finish(RunRef run, RunOutcome outcome) implements Operation<Run> {
    @Override
    public String title() {
      return "finish run";
    }

    @Override
    public UUID workspaceId() {
      return run.workspaceId();
    }

    @Override
    public void need(ReadSet reads) {
      reads.wholeRun(run);
    }

    @Override
    public Outcome<Run> decide(WorkspaceLedger ledger) {
      return ledger.finish(run, outcome);
    }
  }

  /** The end of a run, ordered by a person. */
  record Cancel(RunRef run, String reason, Actor actor) implements Operation<Run> {
    @Override
    public String title() {
      return "cancel run";
    }

    @Override
    public UUID workspaceId() {
      return run.workspaceId();
    }

    @Override
    public void need(ReadSet reads) {
      reads.wholeRun(run);
    }

    @Override
    public Outcome<Run> decide(WorkspaceLedger ledger) {
      return ledger.cancel(run, reason, actor);
    }
  }

  /** The end of runs of a workspace whose lease has ended; gives the number of slots freed. */
  record Expire(UUID workspaceId) implements Operation<Integer> {
    @Override
    public String title() {
      return "expire runs";
    }

    @Override
    public void need(ReadSet reads) {
      reads.deadRuns(workspaceId);
    }

    @Override
    public Outcome<Integer> decide(WorkspaceLedger ledger) {
      return Outcome.done(ledger.expired());
    }
  }
}
