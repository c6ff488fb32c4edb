package dev.workspaceoperator.notification;

import dev.workspaceoperator.loop.Loop;
import dev.workspaceoperator.loop.Pause;
import dev.workspaceoperator.metric.Metric;
import dev.workspaceoperator.workspace.port.NotificationOutbox;
import dev.workspaceoperator.workspace.port.NotificationOutbox.Backlog;
import dev.workspaceoperator.workspace.port.NotificationOutbox.Event;
import dev.workspaceoperator.workspace.port.NotificationOutbox.Lane;
import dev.workspaceoperator.workspace.port.NotificationOutbox.Subscription;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Brings events to receivers: each at least once, those of one workspace to one receiver in order,
 * for three days. Any number of processes do so together; what one of them had taken when it died
 * is due again a minute later. A receiver that does not answer has a part of the senders and no
 * more, so that it holds up nobody else.
 */
public final class NotificationSender implements AutoCloseable {
  /** How long an event is tried. */
  static final Duration KEPT_FOR = Duration.ofDays(3);

  private static final Duration CLAIM = Duration.ofSeconds(60);

  /** No further event is begun after so much of a claim: the last one may take its whole time. */
  private static final Duration CLAIM_USED_MAX = Duration.ofSeconds(40);

  private static final Duration SPREAD_EVERY = Duration.ofMillis(250);
  private static final Duration LOOK_EVERY = Duration.ofMillis(250);
  private static final Duration HOUSE_EVERY = Duration.ofSeconds(15);
  private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(12);
  private static final int SENDERS = 16;
  private static final int SENDERS_OF_ONE = 4;
  private static final int RECEIVERS_AT_ONCE = 64;
  private static final int EVENTS_AT_ONCE = 20;
  private static final int SPREAD_AT_ONCE = 1_000;
  private static final String LOOP = "notifications";
  private static final Logger log = LoggerFactory.getLogger(NotificationSender.class);

  private final NotificationOutbox outbox;
  private final Map<String, ReceiverState> states;
  private final List<Subscription> subscriptions;
  private final WebhookClient client;
  private final InstantSource time;
  private final Semaphore places = new Semaphore(SENDERS);
  private final ExecutorService senders =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("notification-", 0).factory());
  private final Map<String, Counter> counters = new ConcurrentHashMap<>();
  private final MeterRegistry registry;
  private final List<Thread> loops;
  private volatile Backlog backlog = new Backlog(0, Duration.ZERO);

  private NotificationSender(
      NotificationOutbox outbox,
      NotificationSettings settings,
      WebhookClient client,
      InstantSource time,
      MeterRegistry registry) {
    this.outbox = outbox;
    this.states =
        settings.receivers().stream()
            .map(ReceiverState::new)
            .collect(Collectors.toMap(state -> state.receiver().name(), Function.identity()));
    this.subscriptions =
        settings.receivers().stream()
            .flatMap(receiver ->
                receiver.kinds().stream().map(kind -> new Subscription(receiver.name(), kind)))
            .toList();
    this.client = client;
    this.time = time;
    this.registry = registry;
    this.loops =
        List.of(
            loop("spread", this::spread), loop("send", this::send), loop("house", this::keepHouse));
  }

  private static Thread loop(String name, Runnable round) {
    return Thread.ofVirtual().name("notifications-" + name).unstarted(Loop.kept(LOOP, round::run));
  }

  /**
   * A receiver as this process knows it.
   *
   * @param places how many of the senders it has left
   * @param failing whether the last attempt failed
   */
  private record ReceiverState(Receiver receiver, Semaphore places, AtomicBoolean failing) {
    ReceiverState(Receiver receiver) {
      this(receiver, new Semaphore(SENDERS_OF_ONE), new AtomicBoolean());
    }
  }

  /** Starts it. Also without a receiver: what happens is then forgotten in time. */
  public static NotificationSender start(
      NotificationOutbox outbox,
      NotificationSettings settings,
      InstantSource time,
      MeterRegistry registry) {
    return start(
        outbox,
        settings,
        WebhookClient.create(new ReceiverAddresses(settings.allowed()), SENDERS),
        time,
        registry);
  }

  /** The same with another client. */
  static NotificationSender start(
      NotificationOutbox outbox,
      NotificationSettings settings,
      WebhookClient client,
      InstantSource time,
      MeterRegistry registry) {
    NotificationSender sender = new NotificationSender(outbox, settings, client, time, registry);
    Metric.NOTIFICATIONS_WAITING.gauge(registry, () -> sender.backlog.waiting());
    Metric.NOTIFICATION_AGE.gauge(registry, () -> sender.backlog.oldest().toSeconds());
    sender
        .states
        .keySet()
        .forEach(name ->
            List.of("delivered", "failed", "given_up")
                .forEach(outcome -> sender.counter(name, outcome)));
    sender.loops.forEach(Thread::start);
    return sender;
  }

  private Counter counter(String receiver, String outcome) {
    return counters.computeIfAbsent(
        receiver + " " + outcome, _ -> Metric.NOTIFICATIONS.counter(registry, receiver, outcome));
  }

  private void spread() {
    do {
      try {
        while (outbox.spread(subscriptions, SPREAD_AT_ONCE) == SPREAD_AT_ONCE) {
          // There may be more.
        }
      } catch (StoreUnavailableException e) {
        log.atDebug().addKeyValue("cause", e.getMessage()).log("Notifications wait for the store");
      }
    } while (Pause.of(SPREAD_EVERY));
  }

  private void keepHouse() {
    do {
      try {
        backlog = outbox.backlog();
        outbox.forget();
      } catch (StoreUnavailableException e) {
        log.atDebug().addKeyValue("cause", e.getMessage()).log("Notifications wait for the store");
      }
    } while (Pause.of(HOUSE_EVERY));
  }

  private void send() {
    boolean began;
    do {
      began = false;
      try {
        for (String name : outbox.due(RECEIVERS_AT_ONCE)) {
          ReceiverState state = states.get(name);
          began |= state != null && begin(state);
        }
      } catch (StoreUnavailableException e) {
        log.atWarn().addKeyValue("cause", e.getMessage()).log("Notifications wait for the store");
      }
    } while (began ? !Thread.currentThread().isInterrupted() : Pause.of(LOOK_EVERY));
  }

  /** Takes as many lanes of a receiver as it has senders left; false if it has none. */
  private boolean begin(ReceiverState state) {
    int free = Math.min(state.places().availablePermits(), places.availablePermits());
    if (free == 0) {
      return false;
    }
    List<Lane> lanes = outbox.claim(state.receiver().name(), free, CLAIM);
    for (Lane lane : lanes) {
      state.places().acquireUninterruptibly();
      places.acquireUninterruptibly();
      senders.execute(() -> {
        try {
          deliver(lane, state);
        } catch (StoreUnavailableException e) {
          log.atWarn()
              .addKeyValue("receiver", lane.receiver())
              .addKeyValue("cause", e.getMessage())
              .log("Notifications wait for the store");
        } catch (RuntimeException e) {
          Loop.failed(LOOP, e);
        } finally {
          places.release();
          state.places().release();
        }
      });
    }
    return !lanes.isEmpty();
  }

  private void deliver(Lane lane, ReceiverState state) {
    long start = System.nanoTime();
    int failures = lane.failures();
    for (Event event : outbox.oldest(lane, EVENTS_AT_ONCE, KEPT_FOR)) {
      if (System.nanoTime() - start > CLAIM_USED_MAX.toNanos()) {
        break;
      }
      if (event.isTooOld()) {
        giveUp(lane, event);
      } else {
        Optional<WebhookClient.Result.Failed> failed = deliver(lane, state, event);
        if (failed.isPresent()) {
          outbox.release(lane, failures + 1, wait(failures, failed.get().retryAfter()));
          return;
        }
      }
      failures = 0;
    }
    outbox.release(lane, 0, Duration.ZERO);
  }

  private Optional<WebhookClient.Result.Failed> deliver(
      Lane lane, ReceiverState state, Event event) {
    Receiver receiver = state.receiver();
    Instant now = time.instant();
    return switch (client.post(receiver, event.id().toString(), now, CloudEvents.json(event))) {
      case WebhookClient.Result.Delivered _ -> {
        outbox.delivered(lane, List.of(event));
        counter(receiver.name(), "delivered").increment();
        if (state.failing().compareAndSet(true, false)) {
          log.atInfo().addKeyValue("receiver", receiver.name()).log("Notifications arrive again");
        }
        yield Optional.empty();
      }
      case WebhookClient.Result.Failed failed -> {
        counter(receiver.name(), "failed").increment();
        boolean first = state.failing().compareAndSet(false, true);
        log.atLevel(first ? Level.WARN : Level.DEBUG)
            .addKeyValue("receiver", receiver.name())
            .addKeyValue("event", event.id())
            .addKeyValue("cause", failed.why())
            .log("A notification did not arrive; it is tried again for three days");
        yield Optional.of(failed);
      }
    };
  }

  private void giveUp(Lane lane, Event event) {
    outbox.delivered(lane, List.of(event));
    counter(lane.receiver(), "given_up").increment();
    log.atError()
        .addKeyValue("receiver", lane.receiver())
        .addKeyValue("workspace", lane.workspaceId())
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

  /** Lets what is being sent end, for a bounded time: else it would be sent again. */
  @Override
  public void close() {
    loops.forEach(Thread::interrupt);
    senders.shutdown();
    try {
      if (!senders.awaitTermination(CLOSE_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        senders.shutdownNow();
      }
    } catch (InterruptedException e) {
      senders.shutdownNow();
      Thread.currentThread().interrupt();
    }
    client.close();
  }
}
