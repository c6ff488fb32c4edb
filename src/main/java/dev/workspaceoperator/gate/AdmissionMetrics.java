package dev.workspaceoperator.gate;

import dev.workspaceoperator.metric.Metric;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.port.Created;
import dev.workspaceoperator.workspace.port.OverloadedException;
import dev.workspaceoperator.workspace.port.ShareExceededException;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Counts what became of one kind of admission, and how long it took. On the way of each of them: it
 * looks up, and makes nothing.
 */
final class AdmissionMetrics {
  private static final String REFUSED = "refused";
  private static final String FAILED = "failed";
  private static final String UNAVAILABLE = "STORE_UNAVAILABLE";
  private static final String OVERLOADED = "OVERLOADED";
  private static final String SHARE_EXCEEDED = "TOO_MANY_REQUESTS";
  private static final String MISTAKE = "INTERNAL_ERROR";

  private final MeterRegistry registry;
  private final String operation;
  private final Timer time;
  private final Counter admitted;
  private final Counter replayed;
  private final Map<String, Counter> refused = new ConcurrentHashMap<>();
  private final Counter unavailable;
  private final Counter overloaded;
  private final Counter shareExceeded;
  private final Counter mistaken;

  /**
   * Of one kind.
   *
   * @param operation as the label has it
   */
  AdmissionMetrics(String operation, MeterRegistry registry) {
    this.registry = registry;
    this.operation = operation;
    this.time = Metric.ADMISSION_TIME.timer(registry, operation);
    this.admitted = counter("admitted", "");
    this.replayed = counter("replayed", "");
    this.unavailable = counter(FAILED, UNAVAILABLE);
    this.overloaded = counter(FAILED, OVERLOADED);
    this.shareExceeded = counter(FAILED, SHARE_EXCEEDED);
    this.mistaken = counter(FAILED, MISTAKE);
  }

  /** It was decided. */
  <T> void decided(Outcome<Created<T>> outcome, long nanos) {
    time.record(nanos, TimeUnit.NANOSECONDS);
    switch (outcome) {
      case Outcome.Done<Created<T>>(Created<T> created) ->
          (created.replayed() ? replayed : admitted).increment();
      case Outcome.Refused<Created<T>>(Refusal refusal) ->
          refused.computeIfAbsent(refusal.code(), code -> counter(REFUSED, code)).increment();
    }
  }

  /** It was not, for this reason. */
  void failed(RuntimeException why, long nanos) {
    time.record(nanos, TimeUnit.NANOSECONDS);
    Counter failures =
        switch (why) {
          case StoreUnavailableException _ -> unavailable;
          case OverloadedException _ -> overloaded;
          case ShareExceededException _ -> shareExceeded;
          default -> mistaken;
        };
    failures.increment();
  }

  private Counter counter(String outcome, String code) {
    return Metric.ADMISSIONS.counter(registry, operation, outcome, code);
  }
}
