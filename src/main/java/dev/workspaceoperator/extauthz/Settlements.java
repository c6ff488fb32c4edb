package dev.workspaceoperator.extauthz;

import dev.workspaceoperator.loop.Pause;
import dev.workspaceoperator.metric.Metric;
import dev.workspaceoperator.share.ShareBounds;
import dev.workspaceoperator.share.Shares;
import dev.workspaceoperator.trace.Attribute;
import dev.workspaceoperator.trace.Span;
import dev.workspaceoperator.trace.Tracer;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.RunOutcome;
import dev.workspaceoperator.workspace.port.Admissions;
import dev.workspaceoperator.workspace.port.OverloadedException;
import dev.workspaceoperator.workspace.port.RunRef;
import dev.workspaceoperator.workspace.port.ShareExceededException;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Settles what access logs tell, many at a time. What cannot be settled now is tried again for a
 * while; what is given up is charged its reservation at its lease's end: never too little.
 */
final class Settlements implements AutoCloseable {
  /** More wait in Envoy, which keeps a bounded number of entries. */
  private static final int AT_ONCE = 4_096;

  /** Of one workspace, so that its locked row keeps no entry of another one waiting. */
  static final ShareBounds SETTLEMENTS = ShareBounds.parts(2 * AT_ONCE, 8);

  /** A store that fails over is back before that; a call that is not settled loses no money. */
  private static final Duration TRY_FOR = Duration.ofMinutes(10);

  private static final Duration RETRY_MIN = Duration.ofMillis(100);
  private static final Duration RETRY_MAX = Duration.ofSeconds(5);
  private static final Logger log = LoggerFactory.getLogger(Settlements.class);

  private final Admissions admissions;
  private final Tracer tracer;
  private final MeterRegistry registry;
  private final Semaphore places = new Semaphore(AT_ONCE);
  private final Shares<Object> shares;
  private final ExecutorService threads;
  private volatile boolean closing;

  Settlements(Admissions admissions, Tracer tracer, MeterRegistry registry) {
    this.admissions = admissions;
    this.tracer = tracer;
    this.registry = registry;
    this.shares = new Shares<>("ext-authz-settlements", "settlements", SETTLEMENTS, registry);
    // One that begins with its first entry would hide that one from rate().
    for (LoggedCost.Basis basis : LoggedCost.Basis.values()) {
      for (String outcome : List.of("settled", "given_up", "failed")) {
        var _ =
            Metric.EXT_AUTHZ_SETTLEMENTS.counter(
                registry, basis.name().toLowerCase(Locale.ROOT), outcome);
      }
    }
    this.threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("settlement-", 0).factory());
    Metric.EXT_AUTHZ_SETTLEMENTS_UNDER_WAY.gauge(
        registry, () -> AT_ONCE - places.availablePermits());
  }

  /**
   * Settles a reservation soon; returns once there is a place for it.
   *
   * @param basis by what the cost is known, for metrics
   */
  void settle(Reservation reservation, MicroUsd cost, RunOutcome outcome, String basis) {
    Shares.Place share;
    try {
      share = shares.take(reservation.workspaceId());
    } catch (ShareExceededException | OverloadedException e) {
      // The others' entries must not wait for those of one workspace, whose store row is held.
      count(basis, "given_up");
      return;
    }
    places.acquireUninterruptibly();
    if (closing) {
      places.release();
      share.close();
      count(basis, "given_up");
      return;
    }
    threads.execute(() -> {
      Span span = tracer.begin("settle logged cost");
      try (share) {
        span.with(Attribute.WORKSPACE_ID, reservation.workspaceId().toString());
        String ended = span.during(() -> settleNow(reservation, cost, outcome, basis));
        span.with(Attribute.OUTCOME, ended);
      } catch (RuntimeException e) {
        span.failed(e.getClass().getSimpleName());
        count(basis, "failed");
        log.atError()
            .addKeyValue("call_id", reservation.stepId())
            .setCause(e)
            .log("A call could not be settled; it is charged its reservation");
      } finally {
        span.end();
        places.release();
      }
    });
  }

  /** Gives what became of it, as metrics have it. */
  private String settleNow(
      Reservation reservation, MicroUsd cost, RunOutcome outcome, String basis) {
    long giveUpAtNanos = System.nanoTime() + TRY_FOR.toNanos();
    Duration pause = RETRY_MIN;
    while (true) {
      try {
        return tell(reservation, basis, settled(reservation, cost, outcome));
      } catch (StoreUnavailableException | OverloadedException | ShareExceededException e) {
        if (System.nanoTime() > giveUpAtNanos || !waited(pause)) {
          count(basis, "given_up");
          log.atWarn()
              .addKeyValue("call_id", reservation.stepId())
              .addKeyValue("cause", e.getMessage())
              .log("A call was not settled in time; it is charged its reservation");
          return "given_up";
        }
        pause = pause.multipliedBy(2).compareTo(RETRY_MAX) < 0 ? pause.multipliedBy(2) : RETRY_MAX;
      }
    }
  }

  private boolean waited(Duration pause) {
    long nanos = pause.toNanos();
    return !closing
        && Pause.of(
            Duration.ofNanos(ThreadLocalRandom.current().nextLong(nanos / 2, nanos * 3 / 2)));
  }

  private Outcome<?> settled(Reservation reservation, MicroUsd cost, RunOutcome outcome) {
    RunRef run = RunRef.of(reservation.workspaceId(), reservation.runId());
    return reservation.isCall()
        ? admissions.settleCall(run, cost, outcome)
        : admissions.settle(run, reservation.stepId(), cost);
  }

  private String tell(Reservation reservation, String basis, Outcome<?> outcome) {
    return switch (outcome) {
      case Outcome.Done<?> _ -> {
        count(basis, "settled");
        yield "settled";
      }
      case Outcome.Refused<?>(Refusal refusal) -> {
        String why = refusal.getClass().getSimpleName();
        count(basis, why);
        log.atInfo()
            .addKeyValue("call_id", reservation.stepId())
            .addKeyValue("workspace_id", reservation.workspaceId())
            .addKeyValue("refusal", why)
            .log("What the access log tells of a call changes nothing");
        yield why;
      }
    };
  }

  /** One entry of an access log came to nothing. */
  void ignored(String why) {
    count("none", why);
  }

  private void count(String basis, String outcome) {
    Metric.EXT_AUTHZ_SETTLEMENTS.counter(registry, basis, outcome).increment();
  }

  /** Lets what is under way end, for a bounded time; nothing waits for a store any more. */
  void drain(Duration patience) {
    closing = true;
    threads.shutdown();
    try {
      if (!threads.awaitTermination(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        log.warn("Calls that could not be settled yet are charged their reservations");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closing = true;
    threads.shutdownNow();
  }
}
