package dev.workspaceoperator.notification;

import dev.workspaceoperator.loop.Loop;
import dev.workspaceoperator.metric.Metric;
import dev.workspaceoperator.network.Network;
import dev.workspaceoperator.workspace.DeclaredReceiver;
import dev.workspaceoperator.workspace.port.NotificationOutbox;
import dev.workspaceoperator.workspace.port.NotificationOutbox.Backlog;
import dev.workspaceoperator.workspace.port.NotificationOutbox.Health;
import dev.workspaceoperator.workspace.port.NotificationOutbox.KeyRight;
import dev.workspaceoperator.workspace.port.NotificationOutbox.Lane;
import dev.workspaceoperator.workspace.port.NotificationOutbox.Spread;
import dev.workspaceoperator.workspace.port.NotificationOutbox.Subscription;
import dev.workspaceoperator.workspace.port.NotificationOutbox.WorkspaceLane;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings events to receivers: each at least once, those of one workspace to one receiver in order,
 * for three days. Any number of processes do so together; what one of them had taken when it died
 * is due again a minute later. Each receiver of the installation has senders of its own, and those
 * of workspaces have some for what arrives and others for what does not, so that a receiver that
 * does not answer holds up nobody else.
 */
public final class NotificationSender implements AutoCloseable {
  private static final Duration SPREAD_EVERY = Duration.ofMillis(250);
  private static final Duration LOOK_EVERY = Duration.ofMillis(250);
  private static final Duration HOUSE_EVERY = Duration.ofSeconds(15);
  private static final Duration FIRST_ANSWER_WITHIN = Duration.ofSeconds(3);
  private static final Duration NAME_WITHIN = Duration.ofSeconds(3);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(12);

  /** Longer than the store has for a statement. */
  private static final Duration LOOPS_END_WITHIN = Duration.ofSeconds(3);

  private static final Map<Health, Integer> SENDERS_OF_WORKSPACES =
      Map.of(Health.GOOD, 16, Health.FAILING, 8);
  private static final int NAME_THREADS = 8;
  private static final int SPREAD_AT_ONCE = 1_000;
  private static final int FORGET_ROUNDS_MAX = 10;
  private static final String LOOP = "notifications";
  private static final Logger log = LoggerFactory.getLogger(NotificationSender.class);

  private final NotificationOutbox outbox;
  private final NotificationSettings settings;
  private final List<Subscription> subscriptions;
  private final List<KeyRight> keyRights;
  private final Map<String, InstallationRoute> routes = new LinkedHashMap<>();
  private final Map<Health, Crew> crews = new EnumMap<>(Health.class);
  private final List<AutoCloseable> clients = new ArrayList<>();
  private final NotificationCounts counts;
  private final LaneDelivery delivery;
  private final ExecutorService senders =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("notification-", 0).factory());
  private final List<Thread> loops;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile Backlog backlog = new Backlog(0, Duration.ZERO);

  private NotificationSender(
      NotificationOutbox outbox,
      NotificationSettings settings,
      Duration answerWithin,
      InstantSource time,
      MeterRegistry registry) {
    this.outbox = outbox;
    this.settings = settings;
    this.subscriptions =
        settings.receivers().stream()
            .flatMap(receiver ->
                receiver.kinds().stream().map(kind -> new Subscription(receiver.name(), kind)))
            .toList();
    this.keyRights = settings.workspaces().keyRights();
    WebhookClient client =
        client(
            settings.allowed(),
            settings.receivers().size() * InstallationRoute.SENDERS,
            answerWithin);
    settings
        .receivers()
        .forEach(receiver -> routes.put(receiver.name(), new InstallationRoute(receiver, client)));
    SENDERS_OF_WORKSPACES.forEach((health, places) ->
        crews.put(
            health,
            new Crew(
                new Semaphore(places),
                client(settings.workspaces().allowed(), places, patience(health, answerWithin)))));
    List<String> labels = new ArrayList<>(routes.keySet());
    if (!keyRights.isEmpty()) {
      labels.add(WorkspaceRoute.LABEL);
    }
    this.counts = new NotificationCounts(registry, labels);
    this.delivery = new LaneDelivery(outbox, time, counts, this::isClosing);
    this.loops =
        List.of(
            loop("spread", this::spread), loop("send", this::send), loop("house", this::keepHouse));
  }

  /** Of so many receivers that anybody may name, the first attempts hold up others only shortly. */
  private static Duration patience(Health health, Duration answerWithin) {
    return health == Health.GOOD && answerWithin.compareTo(FIRST_ANSWER_WITHIN) > 0
        ? FIRST_ANSWER_WITHIN
        : answerWithin;
  }

  /** Its names are looked up beside those of other clients, however long they take. */
  private WebhookClient client(List<Network> allowed, int connections, Duration answerWithin) {
    NameLookups lookups = new NameLookups(NAME_THREADS, NAME_WITHIN);
    clients.add(lookups);
    WebhookClient client =
        WebhookClient.create(
            new ReceiverAddresses(allowed, lookups), Math.max(1, connections), answerWithin);
    clients.add(client);
    return client;
  }

  private static Thread loop(String name, Loop.Task rounds) {
    return Thread.ofVirtual().name("notifications-" + name).unstarted(Loop.kept(LOOP, rounds));
  }

  /** Those that send to receivers of workspaces. */
  private record Crew(Semaphore places, WebhookClient client) {}

  /** Starts it. Also without a receiver: what happens is then forgotten in time. */
  public static NotificationSender start(
      NotificationOutbox outbox,
      NotificationSettings settings,
      InstantSource time,
      MeterRegistry registry) {
    return start(outbox, settings, WebhookClient.ANSWER_WITHIN, time, registry);
  }

  /** The same with other patience. */
  static NotificationSender start(
      NotificationOutbox outbox,
      NotificationSettings settings,
      Duration answerWithin,
      InstantSource time,
      MeterRegistry registry) {
    NotificationSender sender =
        new NotificationSender(outbox, settings, answerWithin, time, registry);
    Metric.NOTIFICATIONS_WAITING.gauge(registry, () -> sender.backlog.waiting());
    Metric.NOTIFICATION_AGE.gauge(registry, () -> sender.backlog.oldest().toSeconds());
    sender.loops.forEach(Thread::start);
    return sender;
  }

  private void spread() throws InterruptedException {
    do {
      try {
        Spread spread;
        do {
          spread = outbox.spread(subscriptions, keyRights, SPREAD_AT_ONCE);
          if (spread.dropped() > 0) {
            counts.givenUp(WorkspaceRoute.LABEL, spread.dropped());
            log.atWarn()
                .addKeyValue("notifications", spread.dropped())
                .log(
                    "Receivers of workspaces have had their share of what can wait; this is given up");
          }
        } while (spread.events() == SPREAD_AT_ONCE && !isClosing());
      } catch (StoreUnavailableException e) {
        waiting(e);
      }
    } while (goesOnAfter(SPREAD_EVERY));
  }

  private void keepHouse() throws InterruptedException {
    List<String> receivers = List.copyOf(routes.keySet());
    do {
      try {
        backlog = outbox.backlog(receivers);
        for (int i = 0; i < FORGET_ROUNDS_MAX && outbox.forget(receivers); i++) {
          // There may be more.
        }
      } catch (StoreUnavailableException e) {
        waiting(e);
      }
    } while (goesOnAfter(HOUSE_EVERY));
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  /** Waits; false once it closes. */
  private boolean goesOnAfter(Duration pause) throws InterruptedException {
    return !closing.await(pause.toNanos(), TimeUnit.NANOSECONDS);
  }

  private static void waiting(StoreUnavailableException e) {
    log.atWarn().addKeyValue("cause", e.getMessage()).log("Notifications wait for the store");
  }

  private void send() throws InterruptedException {
    boolean began;
    do {
      began = false;
      try {
        if (!routes.isEmpty()) {
          for (String name : outbox.due(List.copyOf(routes.keySet()))) {
            began |= begin(Objects.requireNonNull(routes.get(name)));
          }
        }
        // Also without a key: then it is found out what nobody may be sent any more.
        for (Map.Entry<Health, Crew> crew : crews.entrySet()) {
          began |= beginOfWorkspaces(crew.getKey(), crew.getValue());
        }
      } catch (StoreUnavailableException e) {
        waiting(e);
        began = false;
      }
    } while (goesOnAfter(began ? Duration.ZERO : LOOK_EVERY));
  }

  /** Takes as many lanes of a receiver as it has senders left; false if it has none. */
  private boolean begin(InstallationRoute route) {
    int free = route.free();
    if (free == 0) {
      return false;
    }
    long now = System.nanoTime();
    List<Lane> lanes = outbox.claim(route.label(), free, LaneDelivery.CLAIM);
    for (Lane lane : lanes) {
      route.begun();
      execute(() -> delivery.deliver(lane, route, now), route::ended);
    }
    return !lanes.isEmpty();
  }

  private boolean beginOfWorkspaces(Health health, Crew crew) {
    int free = crew.places().availablePermits();
    if (free == 0) {
      return false;
    }
    long now = System.nanoTime();
    List<WorkspaceLane> lanes = outbox.claimOfWorkspaces(health, free, LaneDelivery.CLAIM);
    for (WorkspaceLane lane : lanes) {
      crew.places().acquireUninterruptibly();
      execute(() -> deliver(lane, crew, now), crew.places()::release);
    }
    return !lanes.isEmpty();
  }

  private void deliver(WorkspaceLane lane, Crew crew, long claimedAtNanos) {
    if (lane.receiver().isEmpty()) {
      outbox.drop(lane.lane());
      return;
    }
    DeclaredReceiver receiver = lane.receiver().get();
    delivery.deliver(
        lane.lane(), new WorkspaceRoute(lane, receiver, settings, crew.client()), claimedAtNanos);
  }

  private void execute(Runnable work, Runnable afterwards) {
    senders.execute(() -> {
      try {
        work.run();
      } catch (StoreUnavailableException e) {
        waiting(e);
      } catch (RuntimeException e) {
        Loop.failed(LOOP, e);
      } finally {
        afterwards.run();
      }
    });
  }

  /**
   * Lets what is being sent end, for a bounded time: else it would be sent again. First the loops,
   * and not by an interrupt: a lane that was claimed and is not sent rests as long as its claim.
   */
  @Override
  public void close() {
    closing.countDown();
    try {
      long end = System.nanoTime() + LOOPS_END_WITHIN.toNanos();
      for (Thread loop : loops) {
        if (!loop.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())))) {
          loop.interrupt();
        }
      }
      senders.shutdown();
      if (!senders.awaitTermination(CLOSE_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        senders.shutdownNow();
      }
    } catch (InterruptedException e) {
      loops.forEach(Thread::interrupt);
      senders.shutdownNow();
      Thread.currentThread().interrupt();
    }
    for (AutoCloseable client : clients) {
      try {
        client.close();
      } catch (Exception e) {
        log.atWarn().setCause(e).log("A client of receivers did not close");
      }
    }
  }
}
