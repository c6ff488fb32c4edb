package dev.workspaceoperator.gate;

import dev.workspaceoperator.loop.Loop;
import dev.workspaceoperator.share.ShareBounds;
import dev.workspaceoperator.share.Turns;
import dev.workspaceoperator.sql.ConnectionSource;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.trace.Attribute;
import dev.workspaceoperator.trace.Span;
import dev.workspaceoperator.trace.Tracer;
import dev.workspaceoperator.workspace.Call;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Run;
import dev.workspaceoperator.workspace.RunOutcome;
import dev.workspaceoperator.workspace.Step;
import dev.workspaceoperator.workspace.port.Actor;
import dev.workspaceoperator.workspace.port.Admissions;
import dev.workspaceoperator.workspace.port.CallDraft;
import dev.workspaceoperator.workspace.port.Created;
import dev.workspaceoperator.workspace.port.OverloadedException;
import dev.workspaceoperator.workspace.port.RunDraft;
import dev.workspaceoperator.workspace.port.RunRef;
import dev.workspaceoperator.workspace.port.ShareExceededException;
import dev.workspaceoperator.workspace.port.StepDraft;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/** {@link Admissions} by group commit: a workspace's operations all go through one lane. */
public final class Gate implements Admissions, AutoCloseable {
  private static final long WATCH_MILLIS = 100;

  /** Kill switches that are under way: one of a workspace. */
  private static final ShareBounds KILLS = new ShareBounds(64, 1);

  /** Kill switches that wait for others. */
  private static final ShareBounds KILLS_WAITING = new ShareBounds(1024, 15);

  /** The platform's, which are its own. */
  private static final ShareBounds ONE = new ShareBounds(1, 1);

  /** How long a kill switch waits for others. */
  private static final Duration KILL_PATIENCE = Duration.ofSeconds(1);

  /**
   * Longer than a lock is waited for. With the grace of a socket, and a connection to another
   * server, callers are served again within 10 s after a primary has stopped.
   */
  private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(6);

  private final GateSettings settings;
  private final List<Lane> lanes = new ArrayList<>();
  private final Turns<UUID> kills;
  private final Turns<UUID> platformKills;
  private final GateMetrics metrics;
  private final AdmissionMetrics runs;
  private final AdmissionMetrics steps;
  private final AdmissionMetrics calls;
  private volatile Tracer tracer = Tracer.NONE;
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("gate-watch").daemon(true).factory());

  private Gate(
      DataSource source, Duration lockTimeout, GateSettings settings, MeterRegistry registry) {
    this.settings = settings;
    this.kills =
        new Turns<>(
            "kill-switches", "kill switches", KILLS, KILLS_WAITING, KILL_PATIENCE, registry);
    this.platformKills =
        new Turns<>(
            "platform-kill-switches",
            "kill switches of the installation",
            ONE,
            ShareBounds.parts(KILLS_WAITING.ofOne(), 1),
            KILL_PATIENCE,
            registry);
    this.metrics = new GateMetrics(registry);
    this.runs = new AdmissionMetrics("run", registry);
    this.steps = new AdmissionMetrics("step", registry);
    this.calls = new AdmissionMetrics("call", registry);
    for (int i = 0; i < settings.lanes(); i++) {
      lanes.add(
          new Lane(
              "gate-lane-" + i, new LaneSession(source, settings, lockTimeout), settings, metrics));
    }
    metrics.watch(
        () -> lanes.stream().mapToInt(Lane::waiting).sum(),
        lanes.size() * settings.queueMax(),
        registry);
  }

  /** Opens the gate; the database need not be up yet. */
  public static Gate open(
      DatabaseSettings database, GateSettings settings, MeterRegistry registry) {
    Gate gate =
        new Gate(
            ConnectionSource.forBatches(database.withStatementTimeout(STATEMENT_TIMEOUT)),
            database.lockTimeout(),
            settings,
            registry);
    gate.lanes.forEach(Lane::start);
    var _ =
        gate.watch.scheduleWithFixedDelay(
            Loop.round("gate-watch", gate::withdrawOverdue),
            WATCH_MILLIS,
            WATCH_MILLIS,
            TimeUnit.MILLISECONDS);
    return gate;
  }

  @Override
  public Outcome<Created<Run>> start(RunDraft draft) {
    return admit(new Operation.Start(draft), runs);
  }

  @Override
  public Outcome<Created<Step>> step(StepDraft draft) {
    return admit(new Operation.AdmitStep(draft), steps);
  }

  @Override
  public Outcome<Step> settle(RunRef run, UUID stepId, MicroUsd cost) {
    return ask(new Operation.Settle(run, stepId, cost));
  }

  @Override
  public Outcome<Created<Call>> call(CallDraft draft) {
    return admit(new Operation.AdmitCall(draft), calls);
  }

  @Override
  public Outcome<Call> settleCall(RunRef call, MicroUsd cost, RunOutcome outcome) {
    return ask(new Operation.SettleCall(call, cost, outcome));
  }

  @Override
  public Outcome<Run> heartbeat(RunRef run) {
    return ask(new Operation.Heartbeat(run));
  }

  @Override
  public Outcome<Run> finish(RunRef run, RunOutcome outcome) {
    return ask(new Operation.Finish(run, outcome));
  }

  @Override
  public Outcome<Run> cancel(RunRef run, String reason, Actor actor) {
    return ask(new Operation.Cancel(run, reason, actor));
  }

  /**
   * Expires runs of these workspaces whose lease has ended: of as many workspaces, from the first
   * on, as each lane has room for beside its other work.
   *
   * @return how many runs
   */
  int expire(List<UUID> workspaceIds) {
    List<Ticket<Integer>> tickets = new ArrayList<>();
    for (UUID workspaceId : workspaceIds) {
      Ticket<Integer> ticket = ticket(new Operation.Expire(workspaceId));
      if (lane(workspaceId).enterReaper(ticket)) {
        tickets.add(ticket);
      }
    }
    int expired = 0;
    int failed = 0;
    for (Ticket<Integer> ticket : tickets) {
      try {
        if (ticket.await() instanceof Outcome.Done<Integer>(Integer runs)) {
          expired += runs;
        }
      } catch (OverloadedException e) {
        // One workspace must not keep the others' dead runs: their turn comes again.
        failed++;
        if (failed == tickets.size()) {
          throw e;
        }
      }
    }
    return expired;
  }

  /** Tells how long kill switches take that this process engages. */
  public Gate watchingKills(MeterRegistry registry) {
    metrics.watchKills(registry);
    return this;
  }

  /** Tells of decisions and batches from now on. */
  public Gate tracedBy(Tracer decisionTracer) {
    tracer = decisionTracer;
    lanes.forEach(lane -> lane.tracedBy(decisionTracer));
    return this;
  }

  /** One was engaged, so long after somebody had asked. */
  void killed(KillScope scope, long nanos) {
    metrics.killed(scope, nanos);
  }

  /** The turns of kill switches that change something, by workspace. */
  Turns<UUID> kills() {
    return kills;
  }

  /** The turns of the platform's kill switches that change something, under any one key. */
  Turns<UUID> platformKills() {
    return platformKills;
  }

  /**
   * Lets no further batch of a workspace's lane begin, so that a kill switch finds the workspace's
   * row free after at most the batch that is in flight. To be closed within moments; waits in turn
   * ({@link LaneDoor}).
   */
  LaneDoor.Pause pause(UUID workspaceId) {
    return lane(workspaceId).pause();
  }

  /** As {@link #pause(UUID)}, for every workspace, at once. */
  LaneDoor.Pause pause() {
    List<LaneDoor.Pause> pauses = lanes.stream().map(Lane::pauseNow).toList();
    return () -> pauses.forEach(LaneDoor.Pause::close);
  }

  /** Ends once everything that is queued has been decided. */
  @Override
  public void close() {
    watch.shutdownNow();
    lanes.forEach(Lane::close);
  }

  private <T> Outcome<Created<T>> admit(Operation<Created<T>> operation, AdmissionMetrics counts) {
    long askedAtNanos = System.nanoTime();
    try {
      Outcome<Created<T>> outcome = ask(operation);
      counts.decided(outcome, System.nanoTime() - askedAtNanos);
      return outcome;
    } catch (RuntimeException e) {
      counts.failed(e, System.nanoTime() - askedAtNanos);
      throw e;
    }
  }

  private <T> Outcome<T> ask(Operation<T> operation) {
    Span span = tracer.within(operation.title());
    try {
      Outcome<T> outcome = span.during(() -> ask(operation, span));
      Decisions.tell(operation, outcome, span);
      return outcome;
    } catch (ShareExceededException e) {
      // Whoever asks too much is no fault of ours.
      span.with(Attribute.OUTCOME, "refused");
      throw e;
    } catch (RuntimeException e) {
      span.failed(e.getClass().getSimpleName());
      throw e;
    } finally {
      span.end();
    }
  }

  private <T> Outcome<T> ask(Operation<T> operation, Span span) {
    Ticket<T> ticket = ticket(operation);
    lane(operation.workspaceId()).enter(ticket);
    try {
      return ticket.await();
    } finally {
      ticket.batch().ifPresent(span::link);
    }
  }

  private <T> Ticket<T> ticket(Operation<T> operation) {
    return new Ticket<>(operation, System.nanoTime() + settings.queueDeadline().toNanos());
  }

  /** The number of the lane that a workspace's operations go through, from 0. */
  public static int laneOf(UUID workspaceId, int lanes) {
    long bits = workspaceId.getLeastSignificantBits() * 0x9E37_79B9_7F4A_7C15L;
    return (int) Long.remainderUnsigned(bits >>> 16, lanes);
  }

  private Lane lane(UUID workspaceId) {
    return lanes.get(laneOf(workspaceId, lanes.size()));
  }

  private void withdrawOverdue() {
    long now = System.nanoTime();
    lanes.forEach(lane -> lane.withdrawOverdue(now));
  }
}
