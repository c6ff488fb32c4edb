package dev.workspaceoperator.bench;

import dev.workspaceoperator.sql.UuidV7;
import dev.workspaceoperator.workspace.Call;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Run;
import dev.workspaceoperator.workspace.RunOutcome;
import dev.workspaceoperator.workspace.RunStatus;
import dev.workspaceoperator.workspace.Step;
import dev.workspaceoperator.workspace.StepStatus;
import dev.workspaceoperator.workspace.port.Actor;
import dev.workspaceoperator.workspace.port.Admissions;
import dev.workspaceoperator.workspace.port.CallDraft;
import dev.workspaceoperator.workspace.port.Created;
import dev.workspaceoperator.workspace.port.RunDraft;
import dev.workspaceoperator.workspace.port.RunRef;
import dev.workspaceoperator.workspace.port.StepDraft;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * What the gate would be on Redis: one script for each admission, with the same checks. For the
 * benchmark only: it starts runs and admits steps, and knows no idempotency keys.
 */
public final class RedisAdmissions implements Admissions {
  private static final MicroUsd DEFAULT_COST = new MicroUsd(10_000);

  private final RedisLine line;
  private final String start;
  private final String step;

  /** Loads the scripts. */
  public RedisAdmissions(RedisLine line) throws IOException {
    this.line = line;
    this.start = line.ask("SCRIPT", "LOAD", Resources.text("redisStart.lua"));
    this.step = line.ask("SCRIPT", "LOAD", Resources.text("redisStep.lua"));
  }

  @Override
  public Outcome<Created<Run>> start(RunDraft draft) {
    UUID id = UuidV7.at(Instant.now());
    Instant now =
        time(
            line.ask(
                "EVALSHA",
                start,
                "2",
                "w:" + draft.workspaceId(),
                "r:" + id,
                draft.userId(),
                Integer.toString(draft.leaseSeconds()),
                Long.toString(Long.MAX_VALUE)));
    return Outcome.done(
        new Created<>(
            new Run(
                id,
                draft.userId(),
                draft.labels(),
                RunStatus.RUNNING,
                now,
                now.plusSeconds(draft.leaseSeconds()),
                Optional.empty(),
                draft.maxCost(),
                MicroUsd.ZERO,
                MicroUsd.ZERO,
                Optional.empty()),
            false));
  }

  @Override
  public Outcome<Created<Step>> step(StepDraft draft) {
    UUID id = UuidV7.at(Instant.now());
    MicroUsd cost = draft.maxCost().orElse(DEFAULT_COST);
    Instant now =
        time(
            line.ask(
                "EVALSHA",
                step,
                "3",
                "w:" + draft.run().workspaceId(),
                "r:" + draft.run().runId(),
                "s:" + id,
                Long.toString(cost.micros())));
    return Outcome.done(
        new Created<>(
            new Step(
                id,
                draft.run().runId(),
                draft.name(),
                draft.labels(),
                StepStatus.ADMITTED,
                cost,
                Optional.empty(),
                now,
                Optional.empty()),
            false));
  }

  /** A time in microseconds; anything else is a refusal, and the benchmark expects none. */
  private static Instant time(String answer) {
    long micros = Long.parseLong(answer);
    return Instant.ofEpochSecond(micros / 1_000_000, micros % 1_000_000 * 1_000);
  }

  @Override
  public Outcome<Created<Call>> call(CallDraft draft) {
    throw notMeasured();
  }

  @Override
  public Outcome<Call> settleCall(RunRef call, MicroUsd cost, RunOutcome outcome) {
    throw notMeasured();
  }

  @Override
  public Outcome<Step> settle(RunRef run, UUID stepId, MicroUsd cost) {
    throw notMeasured();
  }

  @Override
  public Outcome<Run> heartbeat(RunRef run) {
    throw notMeasured();
  }

  @Override
  public Outcome<Run> finish(RunRef run, RunOutcome outcome) {
    throw notMeasured();
  }

  @Override
  public Outcome<Run> cancel(RunRef run, String reason, Actor actor) {
    throw notMeasured();
  }

  private static UnsupportedOperationException notMeasured() {
    return new UnsupportedOperationException("not part of the benchmark");
  }
}
