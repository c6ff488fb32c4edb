package dev.workspaceoperator.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.app.ApiServer.Declared;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.loop.Pause;
import dev.workspaceoperator.network.Network;
import dev.workspaceoperator.notification.TestReceiver.Behaviour;
import dev.workspaceoperator.notification.TestReceiver.Got;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.PostgresNotificationOutbox;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.port.NotificationOutbox;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** From the outbox in PostgreSQL to receivers that do what receivers do. */
@SuppressWarnings("NullAway.Init") // Opened before each test.
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class NotificationSenderIT {
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final Duration WITHIN = Duration.ofSeconds(20);

  private static final List<Network> LOOPBACK =
      List.of(Network.parse("127.0.0.0/8", _ -> {}).orElseThrow());

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private ApiServer hands;
  private Database database;
  private Declared workspace;

  @BeforeEach
  void open() throws InterruptedException {
    String url = SharedDatabase.create();
    try (ApiServer _ = ApiServer.on(url)) {
      // It makes the schema.
    }
    hands = ApiServer.withoutServing(url);
    database = Database.open(DatabaseSettings.of(url).withPoolSize(4));
    workspace = hands.workspace(Plan.SCALE);
  }

  @AfterEach
  void close() {
    database.close();
    hands.close();
  }

  private NotificationSender sending(Receiver... receivers) {
    return sending(LOOPBACK, receivers);
  }

  private NotificationSender sending(List<Network> allowed, Receiver... receivers) {
    return sending(settings(allowed, receivers), PATIENCE);
  }

  private NotificationSender sending(NotificationOutbox outbox, Receiver... receivers) {
    return sending(outbox, settings(LOOPBACK, receivers), PATIENCE);
  }

  private NotificationSender sending(NotificationSettings settings, Duration patience) {
    return sending(new PostgresNotificationOutbox(database), settings, patience);
  }

  private NotificationSender sending(
      NotificationOutbox outbox, NotificationSettings settings, Duration patience) {
    return NotificationSender.start(outbox, settings, patience, InstantSource.system(), registry);
  }

  private static NotificationSettings settings(List<Network> allowed, Receiver... receivers) {
    return new NotificationSettings(
        Arrays.asList(receivers), allowed, WorkspaceReceivers.NONE, Map.of());
  }

  /** Events of a workspace as they are written under its lock. */
  private void happen(UUID workspaceId, int events) {
    hands.execute(
        ("INSERT INTO notification (workspace_id, type, \"time\", data)"
                + " SELECT '%s', 'kill-switch.activated', operator_clock(), json_build_object('n', n)"
                + " FROM generate_series(1, %d) AS n ORDER BY n")
            .formatted(workspaceId, events));
  }

  private double count(String receiver, String outcome) {
    return registry
        .get("workspace_operator_notifications")
        .tags("receiver", receiver, "outcome", outcome)
        .counter()
        .count();
  }

  @Test
  void anEventArrivesSignedAsACloudEvent() throws IOException {
    try (TestReceiver receiver = TestReceiver.start(Behaviour.TAKES);
        NotificationSender _ = sending(receiver.as("ops"))) {
      happen(workspace.id(), 1);

      await().atMost(WITHIN).until(() -> receiver.got().size() == 1);

      Got got = receiver.got().getFirst();
      assertThat(got.signed()).isTrue();
      assertThat(got.event().path("specversion").asText()).isEqualTo("1.0");
      assertThat(got.event().path("id").asText()).isEqualTo(got.id());
      assertThat(got.type()).isEqualTo("dev.workspaceoperator.kill-switch.activated");
      assertThat(got.event().path("source").asText()).isEqualTo("/v1/workspaces/" + workspace.id());
      assertThat(got.event().path("subject").asText()).isEqualTo(workspace.namespacedName());
      assertThat(got.event().path("time").asText()).endsWith("Z");
      assertThat(got.event().at("/data/workspace/slug").asText())
          .isEqualTo(workspace.manifest().slug());
      assertThat(got.event().at("/data/event/n").asInt()).isEqualTo(1);
    }
  }

  @Test
  void whatFailsComesAgainAsItWasAndWhatCameAfterItWaits() throws IOException {
    AtomicInteger failures = new AtomicInteger(2);
    try (TestReceiver receiver =
            TestReceiver.start(exchange ->
                (failures.getAndDecrement() > 0 ? Behaviour.status(500) : Behaviour.TAKES)
                    .answer(exchange));
        NotificationSender _ = sending(receiver.as("ops"))) {
      happen(workspace.id(), 3);

      await().atMost(WITHIN).until(() -> count("ops", "delivered") == 3);

      List<Got> got = receiver.got();
      assertThat(got).hasSize(5);
      assertThat(got.stream().map(Got::id).limit(3).distinct()).hasSize(1);
      assertThat(got.stream().map(Got::sequence).toList()).isSorted();
      assertThat(count("ops", "failed")).isEqualTo(2);
    }
  }

  /** More of them than there once were senders, and none lets go before the others are served. */
  @Test
  void receiversThatHangHoldUpNobodyElse() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    Behaviour hangs =
        exchange -> {
          try {
            over.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        };
    try (Receivers dead = Receivers.start(6, hangs);
        TestReceiver alive = TestReceiver.start(Behaviour.TAKES);
        NotificationSender _ =
            sending(
                new NotificationSettings(
                    Stream.concat(dead.as("dead").stream(), Stream.of(alive.as("alive"))).toList(),
                    LOOPBACK,
                    WorkspaceReceivers.NONE,
                    Map.of()),
                Duration.ofSeconds(60))) {
      for (int i = 0; i < 20; i++) {
        happen(hands.workspace(Plan.SCALE).id(), 2);
      }

      await().atMost(WITHIN).until(() -> count("alive", "delivered") == 40);
      await().atMost(WITHIN).until(() -> dead.got() >= 6);
      assertThat(count("dead-0", "delivered")).isZero();
      over.countDown();
    }
  }

  @Test
  void aReceiverThatFailsHasOneSenderAndAllOfThemOnceItIsBack() throws Exception {
    AtomicInteger atOnce = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    try (TestReceiver receiver =
            TestReceiver.start(exchange -> {
              most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
              try {
                // As long as several would need to be there together.
                boolean _ = Pause.of(Duration.ofMillis(100));
                Behaviour.status(500).answer(exchange);
              } finally {
                atOnce.decrementAndGet();
              }
            });
        NotificationSender _ = sending(receiver.as("ops"))) {
      happen(workspace.id(), 1);
      await().atMost(WITHIN).until(() -> count("ops", "failed") >= 1);
      most.set(0);
      for (int i = 0; i < 20; i++) {
        happen(hands.workspace(Plan.SCALE).id(), 1);
      }
      await().atMost(WITHIN).until(() -> count("ops", "failed") >= 12);
      assertThat(most.get()).isEqualTo(1);

      receiver.does(Behaviour.TAKES);
      await().atMost(WITHIN).until(() -> count("ops", "delivered") == 21);
    }
  }

  /** Only its own events, signed with a key that its namespace may name. */
  @Test
  void aWorkspaceTellsItsOwnReceivers() throws Exception {
    Declared other = hands.workspace(Plan.SCALE);
    try (TestReceiver receiver = TestReceiver.start(Behaviour.TAKES);
        TestReceiver installation = TestReceiver.start(Behaviour.TAKES);
        NotificationSender _ = sending(withKey(installation), PATIENCE)) {
      names(workspace, receiver, "team", "kill-switch");
      names(other, receiver, "not-for-it", "kill-switch");
      happen(workspace.id(), 3);
      happen(other.id(), 3);

      await().atMost(WITHIN).until(() -> count("workspace/*", "delivered") == 3);
      await().atMost(WITHIN).until(() -> count("ops", "delivered") == 6);
      assertThat(receiver.got()).hasSize(3).allMatch(Got::signed);
      assertThat(receiver.got().stream().map(Got::sequence).toList()).isSorted();
      assertThat(receiver.got())
          .allMatch(got -> got.event().path("source").asText().endsWith(workspace.id().toString()));
    }
  }

  @Test
  void whatAManifestNoLongerNamesIsSentNothing() throws Exception {
    try (TestReceiver receiver = TestReceiver.start(Behaviour.status(500));
        TestReceiver installation = TestReceiver.start(Behaviour.TAKES);
        NotificationSender _ = sending(withKey(installation), PATIENCE)) {
      names(workspace, receiver, "team", "kill-switch");
      happen(workspace.id(), 2);
      await().atMost(WITHIN).until(() -> count("workspace/*", "failed") >= 1);
      hands.execute("UPDATE workspace SET declared_notifications = '[]'");

      await()
          .atMost(WITHIN)
          .until(() -> hands.count("SELECT count(*) FROM notification_lane") == 0);
      assertThat(hands.count("SELECT count(*) FROM notification_delivery")).isZero();
      assertThat(count("workspace/*", "delivered")).isZero();
    }
  }

  /**
   * Many workspaces whose receivers have failed have a few senders together, and the rest go on.
   */
  @Test
  void receiversOfWorkspacesThatHangHoldUpNobodyElse() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    try (TestReceiver hangs =
            TestReceiver.start(exchange -> {
              try {
                over.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
        TestReceiver receiver = TestReceiver.start(Behaviour.TAKES);
        TestReceiver installation = TestReceiver.start(Behaviour.TAKES);
        NotificationSender _ = sending(withKey(installation), Duration.ofSeconds(60))) {
      for (int i = 0; i < 60; i++) {
        Declared dead = hands.workspace(Plan.SCALE);
        names(dead, hangs, "team", "kill-switch");
        failedBefore(dead.id());
      }
      await().atMost(WITHIN).until(() -> hangs.got().size() == 8);
      names(workspace, receiver, "team", "kill-switch");
      happen(workspace.id(), 20);

      await().atMost(WITHIN).until(() -> count("workspace/*", "delivered") == 20);
      await().atMost(WITHIN).until(() -> count("ops", "delivered") == 20);
      assertThat(hangs.got()).hasSize(8);
      over.countDown();
    }
  }

  /** An event for the workspace's own receiver alone, which has not taken it yet. */
  private void failedBefore(UUID workspaceId) {
    hands.execute(
        """
        WITH event AS (
            INSERT INTO notification (workspace_id, type, "time", data, spread)
            VALUES ('%s', 'kill-switch.activated', operator_clock(), '{}', true)
            RETURNING workspace_id, seq),
        delivery AS (
            INSERT INTO notification_delivery (receiver, workspace_id, seq)
            SELECT 'workspace/own', workspace_id, seq FROM event)
        INSERT INTO notification_lane (receiver, workspace_id, due_at, failures)
        SELECT 'workspace/own', workspace_id, operator_clock(), 1 FROM event
        """
            .formatted(workspaceId));
  }

  private static NotificationSettings withKey(TestReceiver installation) {
    return new NotificationSettings(
        List.of(installation.as("ops")),
        LOOPBACK,
        new WorkspaceReceivers(
            Map.of(
                "team", new KeyGrant("default", Set.of("team")),
                "not-for-it", new KeyGrant("default", Set.of("another"))),
            LOOPBACK),
        Map.of("team", TestReceiver.KEY, "not-for-it", TestReceiver.KEY));
  }

  private void names(Declared declaring, TestReceiver receiver, String key, String type) {
    hands.execute(
        ("UPDATE workspace SET namespace = 'team', declared_notifications ="
                + " '[{\"name\": \"own\", \"url\": \"%s\", \"key\": \"%s\", \"types\": [\"%s\"]}]'"
                + " WHERE workspace_id = '%s'")
            .formatted(receiver.url(), key, type, declaring.id()));
  }

  @Test
  void aRedirectIsNotFollowed() throws IOException {
    try (TestReceiver target = TestReceiver.start(Behaviour.TAKES);
        TestReceiver receiver =
            TestReceiver.start(exchange -> {
              exchange.getResponseHeaders().set("Location", target.url().toString());
              exchange.sendResponseHeaders(307, -1);
            });
        NotificationSender _ = sending(receiver.as("ops"))) {
      happen(workspace.id(), 1);

      await().atMost(WITHIN).until(() -> count("ops", "failed") >= 1);
      assertThat(target.got()).isEmpty();
    }
  }

  @Test
  void anAnswerWithoutAnEndIsNotReadAndCountsByItsStatus() throws IOException {
    AtomicLong sent = new AtomicLong();
    try (TestReceiver receiver = TestReceiver.start(Behaviour.endless(sent));
        NotificationSender _ = sending(receiver.as("ops"))) {
      happen(workspace.id(), 3);

      await().atMost(WITHIN).until(() -> count("ops", "delivered") == 3);
      assertThat(receiver.got()).hasSize(3);
      // What the buffers on the way hold, and no more.
      assertThat(sent.get()).isLessThan(3 * 10L * 1024 * 1024);
    }
  }

  @Test
  void anAddressThatIsNotPublicIsNotConnectedTo() throws IOException {
    try (TestReceiver receiver = TestReceiver.start(Behaviour.TAKES);
        NotificationSender _ = sending(List.of(), receiver.as("ops"))) {
      happen(workspace.id(), 1);

      await().atMost(WITHIN).until(() -> count("ops", "failed") >= 1);
      assertThat(receiver.got()).isEmpty();
    }
  }

  @Test
  void whatDidNotArriveInThreeDaysIsGivenUpAndTheRestArrives() throws IOException {
    hands.execute(
        ("INSERT INTO notification (workspace_id, type, \"time\", data) VALUES"
                + " ('%s', 'kill-switch.activated', operator_clock() - interval '73 hours', '{}')")
            .formatted(workspace.id()));
    happen(workspace.id(), 1);
    try (TestReceiver receiver = TestReceiver.start(Behaviour.TAKES);
        NotificationSender _ = sending(receiver.as("ops"))) {
      await().atMost(WITHIN).until(() -> count("ops", "delivered") == 1);
      assertThat(count("ops", "given_up")).isEqualTo(1);
      assertThat(receiver.got()).hasSize(1);
    }
  }

  /** Whoever closes in the middle of a claim: else its lanes rest until the claim is over. */
  @Test
  void whatIsClaimedAsASenderClosesIsSentOrLetGo() throws Exception {
    CountDownLatch claimed = new CountDownLatch(1);
    happen(workspace.id(), 3);
    try (TestReceiver receiver = TestReceiver.start(Behaviour.TAKES)) {
      try (NotificationSender _ = sending(slowToClaim(claimed), receiver.as("ops"))) {
        claimed.await();
      }

      assertThat(
              hands.count(
                  "SELECT count(*) FROM notification_lane WHERE due_at > operator_clock() + interval '10 s'"))
          .isZero();
      try (NotificationSender _ = sending(receiver.as("ops"))) {
        await().atMost(WITHIN).until(() -> receiver.got().size() == 3);
      }
    }
  }

  /** The real outbox, which tells that lanes are claimed a while before whoever asked has them. */
  private NotificationOutbox slowToClaim(CountDownLatch claimed) {
    NotificationOutbox outbox = new PostgresNotificationOutbox(database);
    return (NotificationOutbox)
        Proxy.newProxyInstance(
            NotificationOutbox.class.getClassLoader(),
            new Class<?>[] {NotificationOutbox.class},
            (_, method, arguments) -> {
              Object result = method.invoke(outbox, arguments);
              if (method.getName().equals("claim") && !((List<?>) result).isEmpty()) {
                claimed.countDown();
                boolean _ = Pause.of(Duration.ofMillis(300));
              }
              return result;
            });
  }

  /** Senders come and go in the middle of it, and the receiver fails at random. */
  @Test
  void eachArrivesAtLeastOnceInOrderWhoeverSendsAndHoweverItFails() throws Exception {
    int workspaces = 10;
    int each = 100;
    Random random = new Random(20_261_201);
    try (TestReceiver receiver =
        TestReceiver.start(exchange ->
            (random.nextInt(50) == 0 ? Behaviour.status(503) : Behaviour.TAKES).answer(exchange))) {
      List<UUID> ids =
          Stream.generate(() -> hands.workspace(Plan.SCALE).id()).limit(workspaces).toList();
      ids.forEach(id -> happen(id, each));
      for (int round = 0; round < 3; round++) {
        int before = receiver.got().size();
        try (NotificationSender _ = sending(receiver.as("ops"));
            NotificationSender _ = sending(receiver.as("ops"))) {
          await().atMost(WITHIN).until(() -> receiver.got().size() >= before + 150);
        }
      }
      try (NotificationSender _ = sending(receiver.as("ops"))) {
        await()
            .atMost(Duration.ofMinutes(1))
            .until(() ->
                hands.count("SELECT count(*) FROM notification_delivery") == 0
                    && hands.count("SELECT count(*) FROM notification WHERE NOT spread") == 0);
      }

      for (UUID id : ids) {
        List<Integer> numbers =
            receiver.got().stream()
                .filter(got -> got.event().path("source").asText().endsWith(id.toString()))
                .map(got -> got.event().at("/data/event/n").asInt())
                .toList();
        assertThat(numbers).isSorted();
        assertThat(numbers.stream().distinct()).hasSize(each);
      }
    }
  }
}
