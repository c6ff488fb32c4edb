package dev.workspaceoperator.loop;

import dev.workspaceoperator.metric.Metric;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Metrics;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what must never end. A thread that dies of an {@link Error} leaves no trace: nothing is
 * done any more, and every gauge says what it said last. So whatever comes out of the work is
 * logged and counted, and the work is begun anew.
 *
 * <p>The figures are those of the process, in Micrometer's {@linkplain Metrics#globalRegistry
 * global registry}.
 */
public final class Loop {
  static final String FAILURES = Metric.LOOP_FAILURES.meter();
  static final String UP = Metric.LOOP_UP.meter();

  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
  private static final Logger log = LoggerFactory.getLogger(Loop.class);
  private static final Map<String, Loop> LOOPS = new ConcurrentHashMap<>();

  private final String name;
  private final Counter failures;
  private final AtomicInteger down = new AtomicInteger();

  private Loop(String name) {
    this.name = name;
    this.failures = Metric.LOOP_FAILURES.counter(Metrics.globalRegistry, name);
    Metric.LOOP_UP.gauge(Metrics.globalRegistry, () -> down.get() == 0 ? 1 : 0, name);
  }

  /** What a thread does for as long as the process goes on. */
  @FunctionalInterface
  public interface Task {
    /** Returns when it is told to end, and only then; an interrupt is such a word. */
    void run() throws InterruptedException;
  }

  /**
   * For a thread: does the work, and again after a failure, until it returns or is interrupted.
   *
   * @param name of the loop in metrics and log; several threads may have the same
   */
  public static Runnable kept(String name, Task work) {
    Loop loop = named(name);
    return () -> loop.keep(work);
  }

  /**
   * For an executor that repeats a task until it throws: one round, which never throws.
   *
   * @param name of the loop in metrics and log
   */
  public static Runnable round(String name, Runnable work) {
    Loop loop = named(name);
    AtomicBoolean failed = new AtomicBoolean();
    return () -> loop.round(work, failed);
  }

  /** Notes a failure of a loop that goes on by itself. */
  public static void failed(String name, Throwable failure) {
    named(name).note(failure);
  }

  private static Loop named(String name) {
    return LOOPS.computeIfAbsent(name, Loop::new);
  }

  private void keep(Task work) {
    Duration pause = FIRST_PAUSE;
    while (true) {
      long beganAtNanos = System.nanoTime();
      try {
        work.run();
        return;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (Throwable failure) {
        note(failure);
      }
      boolean wentWell = System.nanoTime() - beganAtNanos > LONGEST_PAUSE.toNanos();
      pause = wentWell ? FIRST_PAUSE : pause;
      if (!rest(pause)) {
        return;
      }
      pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : pause;
    }
  }

  /** False if interrupted meanwhile. */
  private boolean rest(Duration pause) {
    down.incrementAndGet();
    try {
      return Pause.of(pause);
    } finally {
      down.decrementAndGet();
    }
  }

  private void round(Runnable work, AtomicBoolean failed) {
    try {
      work.run();
      if (failed.compareAndSet(true, false)) {
        down.decrementAndGet();
      }
    } catch (Throwable failure) {
      if (failed.compareAndSet(false, true)) {
        down.incrementAndGet();
      }
      note(failure);
    }
  }

  private void note(Throwable failure) {
    failures.increment();
    log.atError().addKeyValue("loop", name).setCause(failure).log("A loop failed; it goes on");
  }
}
