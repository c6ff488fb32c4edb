package dev.workspaceoperator.attacks;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * All connections of all attackers, from one thread, so that little of the machine is theirs and
 * the most is left to what they attack.
 */
final class Swarm implements Runnable {
  /** New connections a second, of all. */
  private static final int CONNECTS_PER_SECOND = 2_000;

  /** And at once: what nobody had a use for is not made up for later. */
  private static final double CONNECTS_AT_ONCE = 100;

  /** Whoever was closed or refused comes again after that. */
  private static final long COMES_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final long TURN_MILLIS = 5;

  private final int port;
  private final List<Gang> gangs;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private volatile boolean ended;

  Swarm(int port, List<Order> orders) {
    this.port = port;
    this.gangs = orders.stream().map(Gang::new).toList();
    for (Gang gang : gangs) {
      for (int number = 0; number < gang.order().connections(); number++) {
        waiting.add(new Waiting(new Foe(gang, number), System.nanoTime()));
      }
    }
  }

  private record Waiting(Foe foe, long untilNanos) {}

  /** Lets {@link #run} come to its end. */
  void end() {
    ended = true;
  }

  /** How often each order was answered what; once it has ended. */
  Map<String, Map<String, Long>> outcomes() {
    Map<String, Map<String, Long>> outcomes = new LinkedHashMap<>();
    gangs.forEach(gang -> outcomes.put(gang.order().name(), gang.outcomes()));
    return outcomes;
  }

  @Override
  public void run() {
    long lastNanos = System.nanoTime();
    double allowed = CONNECTS_AT_ONCE;
    try (Selector selector = Selector.open()) {
      while (!ended) {
        long now = System.nanoTime();
        allowed =
            Math.min(CONNECTS_AT_ONCE, allowed + (now - lastNanos) / 1e9 * CONNECTS_PER_SECOND);
        lastNanos = now;
        while (allowed >= 1 && isDue(waiting.peek())) {
          connect(waiting.remove().foe(), selector);
          allowed--;
        }
        selector.select(key -> goOn(key), TURN_MILLIS);
      }
      for (SelectionKey key : selector.keys()) {
        ((Foe) key.attachment()).close();
      }
    } catch (IOException e) {
      throw new IllegalStateException("the attackers have no selector", e);
    }
  }

  private static boolean isDue(@Nullable Waiting first) {
    return first != null && System.nanoTime() >= first.untilNanos();
  }

  private void connect(Foe foe, Selector selector) {
    try {
      foe.connect(selector, port);
    } catch (IOException e) {
      lost(foe, "not connected");
    }
  }

  private void goOn(SelectionKey key) {
    Foe foe = (Foe) key.attachment();
    try {
      if (!foe.goOn(key)) {
        again(foe);
      }
    } catch (IOException e) {
      lost(foe, "closed");
    }
  }

  private void lost(Foe foe, String how) {
    foe.gang().count(how);
    again(foe);
  }

  /** Whoever only changes his address does not wait. */
  private void again(Foe foe) {
    foe.close();
    boolean atOnce = foe.gang().order().perConnection() > 0;
    if (atOnce) {
      waiting.addFirst(new Waiting(foe, System.nanoTime()));
    } else {
      waiting.addLast(new Waiting(foe, System.nanoTime() + COMES_AGAIN_NANOS));
    }
  }
}
