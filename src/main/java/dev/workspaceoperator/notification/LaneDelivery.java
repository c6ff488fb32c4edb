package dev.workspaceoperator.notification;

import dev.workspaceoperator.workspace.port.NotificationOutbox;
import dev.workspaceoperator.workspace.port.NotificationOutbox.Event;
import dev.workspaceoperator.workspace.port.NotificationOutbox.Lane;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what is oldest of a lane that was claimed, one event after the other, and lets go of it. It
 * begins none once its claim may end before it does, and stops as soon as it sees that the lane is
 * another's.
 */
final class LaneDelivery {
  /** How long an event is tried. */
  static final Duration KEPT_FOR = Duration.ofDays(3);

  /** How long a lane is claimed. */
  static final Duration CLAIM = Duration.ofSeconds(60);

  /** No further event is begun after so much of a claim: the last one may take its whole time. */
  private static final Duration CLAIM_USED_MAX = Duration.ofSeconds(40);

  private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);
  private static final int EVENTS_AT_ONCE = 20;
  private static final Logger log = LoggerFactory.getLogger(LaneDelivery.class);

  private final NotificationOutbox outbox;
  private final InstantSource time;
  private final NotificationCounts counts;
  private final BooleanSupplier isClosing;

  /**
   * Of one sender.
   *
   * @param isClosing whether no further event is to be begun
   */
  LaneDelivery(
      NotificationOutbox outbox,
      InstantSource time,
      NotificationCounts counts,
      BooleanSupplier isClosing) {
    this.outbox = outbox;
    this.time = time;
    this.counts = counts;
    this.isClosing = isClosing;
  }

  /**
   * Delivers.
   *
   * @param claimedAtNanos by {@link System#nanoTime}, before the claim was asked for
   */
  void deliver(Lane lane, Route route, long claimedAtNanos) {
    int failures = lane.failures();
    for (Event event : outbox.oldest(lane, EVENTS_AT_ONCE, KEPT_FOR)) {
      long beganAtNanos = System.nanoTime();
      if (isClosing.getAsBoolean() || beganAtNanos - claimedAtNanos > CLAIM_USED_MAX.toNanos()) {
        break;
      }
      if (event.isTooOld()) {
        if (outbox.delivered(lane, List.of(event))) {
          giveUp(lane, route, event);
          continue;
        }
        return;
      }
      if (route.post(event, time.instant()) instanceof WebhookClient.Result.Failed failed) {
        counts.failed(route.label());
        route.failed(lane, event, failed.why());
        outbox.release(lane, failures + 1, wait(failures, failed.retryAfter()));
        return;
      }
      boolean isSlow = route.isSlow(Duration.ofNanos(System.nanoTime() - beganAtNanos));
      if (!outbox.delivered(lane, List.of(event))) {
        // Whoever has the lane now sends this one again, and what comes after it.
        return;
      }
      counts.delivered(route.label());
      route.arrived();
      failures = 0;
      if (isSlow) {
        failures = 1;
        break;
      }
    }
    outbox.release(lane, failures, Duration.ZERO);
  }

  private void giveUp(Lane lane, Route route, Event event) {
    counts.givenUp(route.label(), 1);
    log.atLevel(route.levelOfGivenUp())
        .addKeyValue("receiver", lane.receiver())
        .addKeyValue("workspace_id", lane.workspaceId())
        .addKeyValue("event", event.id())
        .addKeyValue("type", event.type())
        .log("A notification is given up: it did not arrive in three days");
  }

  /** Twice as long each time, some of it by chance: what failed together does not come together. */
  private static Duration wait(int failures, Optional<Duration> wanted) {
    Duration doubled = FIRST_WAIT.multipliedBy(1L << Math.min(failures, 20));
    Duration longest = doubled.compareTo(LONGEST_WAIT) < 0 ? doubled : LONGEST_WAIT;
    Duration chance =
        Duration.ofMillis(
            ThreadLocalRandom.current().nextLong(longest.toMillis() / 2, longest.toMillis()));
    return wanted.filter(it -> it.compareTo(chance) > 0).orElse(chance);
  }
}
