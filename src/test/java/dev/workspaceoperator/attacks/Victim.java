package dev.workspaceoperator.attacks;

import dev.workspaceoperator.storm.Wire;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A workspace that takes steps in an open loop: each is due at its time, whether or not those
 * before it were answered, and takes a connection of its own if none is free. A connection serves
 * 20 of them, so that one in 20 has to be let in first.
 */
final class Victim {
  private static final int STEPS_OF_A_CONNECTION = 20;
  private static final int ADMITTED = 201;

  private final Tenant tenant;
  private final String step;
  private final int perSecond;
  private final ConcurrentLinkedQueue<Line> free = new ConcurrentLinkedQueue<>();

  /** With a run that lasts as long as a lease can. */
  Victim(Tenant tenant, int perSecond) throws IOException {
    this.tenant = tenant;
    this.step = tenant.post(Tenant.stepsOf(tenant.runs(1).getFirst()), Tenant.STEP);
    this.perSecond = perSecond;
  }

  private record Line(Wire wire, int served) {}

  Tenant tenant() {
    return tenant;
  }

  /** The request for a step. */
  String step() {
    return step;
  }

  /** Takes steps for so long, and waits for the last answer. */
  Measured measure(double seconds) {
    int count = (int) (seconds * perSecond);
    long[] nanos = new long[count];
    AtomicInteger admitted = new AtomicInteger();
    Map<String, Long> failures = new TreeMap<>();
    long start = System.nanoTime();
    try (ExecutorService steps = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int number = 0; number < count; number++) {
        long due = start + TimeUnit.SECONDS.toNanos(number) / perSecond;
        sleepUntil(due);
        steps.execute(() -> {
          String outcome = ask();
          if (outcome.isEmpty()) {
            nanos[admitted.getAndIncrement()] = System.nanoTime() - due;
          } else {
            synchronized (failures) {
              failures.merge(outcome, 1L, Long::sum);
            }
          }
        });
      }
    }
    return Measured.of(Arrays.copyOf(nanos, admitted.get()), failures);
  }

  /** Empty: admitted. */
  private String ask() {
    try {
      Line line = free.poll();
      if (line == null) {
        line = new Line(Wire.connect(tenant.port()), 0);
      }
      Wire.Reply reply = line.wire().call(Request.bytes(step));
      if (line.served() + 1 < STEPS_OF_A_CONNECTION && reply.status() == ADMITTED) {
        free.add(new Line(line.wire(), line.served() + 1));
      } else {
        line.wire().close();
      }
      return reply.status() == ADMITTED ? "" : reply.status() + " " + reply.code();
    } catch (IOException e) {
      return e.getClass().getSimpleName();
    }
  }

  private static void sleepUntil(long due) {
    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
