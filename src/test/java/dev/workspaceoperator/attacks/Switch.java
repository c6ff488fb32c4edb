package dev.workspaceoperator.attacks;

import dev.workspaceoperator.storm.Wire;
import dev.workspaceoperator.storm.Wire.Reply;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** A kill switch in the hand of somebody who needs it now, over a new connection each time. */
final class Switch {
  private static final long GIVES_UP_NANOS = TimeUnit.SECONDS.toNanos(15);
  private static final long AGAIN_MILLIS = 20;

  private final int port;
  private final String path;
  private final String key;
  private final String step;

  private Switch(int port, String path, String key, String step) {
    this.port = port;
    this.path = path;
    this.key = key;
    this.step = step;
  }

  /** The victim's own. */
  static Switch of(Victim victim) {
    Tenant tenant = victim.tenant();
    return new Switch(tenant.port(), Tenant.KILL_SWITCH, tenant.key(), victim.step());
  }

  /** That of the whole installation. */
  static Switch ofPlatform(Victim victim, String fleetKey) {
    return new Switch(victim.tenant().port(), "/v1/platform/kill-switch", fleetKey, victim.step());
  }

  /**
   * How it went.
   *
   * @param answeredMillis from the first request until it was answered 200
   * @param refusedMillis until after that a step was refused for it
   * @param releasedMillis from the request to release it until a step was admitted again
   * @param retries requests that were not answered so
   */
  record Times(double answeredMillis, double refusedMillis, double releasedMillis, int retries) {
    Times worse(Times other) {
      return new Times(
          Math.max(answeredMillis, other.answeredMillis),
          Math.max(refusedMillis, other.refusedMillis),
          Math.max(releasedMillis, other.releasedMillis),
          retries + other.retries);
    }

    /** The whole way on. */
    double onMillis() {
      return Math.max(answeredMillis, refusedMillis);
    }
  }

  /**
   * Engages it, sees a step refused, releases it, sees a step admitted.
   *
   * @throws IllegalStateException if one of that does not happen for long
   */
  Times use() throws InterruptedException {
    long start = System.nanoTime();
    int tries = await("{\"active\":true}", 200, "200", start);
    double answered = millisSince(start);
    int refused = awaitStep(403, "KILL_SWITCH_ACTIVE", start);
    double stopped = millisSince(start);
    long release = System.nanoTime();
    int releases = await("{\"active\":false}", 200, "200", release);
    int admitted = awaitStep(201, "201", release);
    return new Times(
        answered, stopped, millisSince(release), tries + refused + releases + admitted);
  }

  private int await(String body, int status, String code, long start) throws InterruptedException {
    return await(Request.bytes(Request.post(path, key, body)), status, code, start);
  }

  private int awaitStep(int status, String code, long start) throws InterruptedException {
    return await(Request.bytes(step), status, code, start);
  }

  /** Asks until it is answered so; gives how often it was not. */
  private int await(byte[] request, int status, String code, long start)
      throws InterruptedException {
    int others = 0;
    String last = call(request, status, code);
    while (!last.isEmpty()) {
      others++;
      if (System.nanoTime() - start > GIVES_UP_NANOS) {
        throw new IllegalStateException(path + " for 15 s: " + last);
      }
      Thread.sleep(AGAIN_MILLIS);
      last = call(request, status, code);
    }
    return others;
  }

  /** Empty: answered so. */
  private String call(byte[] request, int status, String code) {
    try (Wire wire = Wire.connect(port)) {
      Reply reply = wire.call(request);
      return reply.status() == status && reply.code().equals(code)
          ? ""
          : reply.status() + " " + reply.code();
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static double millisSince(long nanos) {
    return (System.nanoTime() - nanos) / 1e6;
  }
}
