package dev.workspaceoperator.controller;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.crd.WorkspaceCondition;
import dev.workspaceoperator.crd.WorkspaceStatus;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Events as they arrive at an API server, which here is a mock that only keeps what it is sent. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TransitionEventsTest {
  private static final Instant NOW = Instant.parse("2030-01-31T12:00:00.123456Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
  private static final Condition READY = new Condition("Ready", "True", "Synced");
  private static final Condition KILLED = new Condition("KillSwitchActive", "True", "Declared");
  private static final Condition LIMITED =
      new Condition("PlanLimited", "True", "PlanUpgradeRequired");
  private static final Condition EXHAUSTED =
      new Condition("BudgetExhausted", "True", "DailyBudget");

  private final KubernetesMockServer server =
      new KubernetesMockServer(
          new Context(),
          new MockWebServer(),
          new HashMap<>(),
          new KubernetesCrudDispatcher(),
          /* useHttps= */ false);
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final Workspace resource = resource("my-team");

  @BeforeAll
  void start() {
    server.init();
  }

  @AfterEach
  void forget() {
    server.reset();
  }

  @AfterAll
  void stop() {
    server.destroy();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("transitions")
  void aTransitionMakesExactlyOneEvent(
      String what, WorkspaceStatus before, WorkspaceStatus after, String type, String reason) {
    assertThat(sent(before, after))
        .as(what)
        .extracting(Event::getType, Event::getReason)
        .containsExactly(tuple(type, reason));
  }

  static Stream<Arguments> transitions() {
    return Stream.of(
        Arguments.of("in force", status(), status(READY), "Normal", "Synced"),
        Arguments.of(
            "kill switch on",
            status(READY),
            status(READY, KILLED),
            "Warning",
            "KillSwitchActivated"),
        Arguments.of(
            "kill switch off",
            status(READY, KILLED),
            status(READY),
            "Normal",
            "KillSwitchReleased"),
        Arguments.of(
            "above the plan now",
            status(READY),
            status(READY, LIMITED),
            "Warning",
            "PlanUpgradeRequired"),
        Arguments.of(
            "budget spent", status(READY), status(READY, EXHAUSTED), "Warning", "BudgetExhausted"),
        stalled("PlanUpgradeRequired"),
        stalled("SlugTaken"),
        stalled("SlugImmutable"),
        stalled("ApiKeyTaken"),
        stalled("InvalidSpec"),
        Arguments.of(
            "stalled for another reason",
            stalledFor("SlugTaken"),
            stalledFor("PlanUpgradeRequired"),
            "Warning",
            "PlanUpgradeRequired"),
        Arguments.of(
            "store back",
            status(
                new Condition("Ready", "False", "StoreUnavailable"),
                new Condition("Reconciling", "True", "StoreUnavailable")),
            status(READY),
            "Normal",
            "Synced"),
        Arguments.of("healed", stalledFor("SlugTaken"), status(READY), "Normal", "Synced"),
        Arguments.of(
            "override started",
            overridden("Declared"),
            overridden("Override"),
            "Normal",
            "OverrideStarted"),
        Arguments.of(
            "override ended",
            overridden("Override"),
            overridden("Declared"),
            "Normal",
            "OverrideEnded"));
  }

  @Test
  void aStatusThatSaysTheSameAgainMakesNone() {
    List<WorkspaceStatus> statuses =
        List.of(
            status(READY, KILLED, LIMITED, EXHAUSTED),
            stalledFor("SlugTaken"),
            overridden("Override"));
    try (KubernetesClient client = server.createClient();
        EventPublisher publisher = new EventPublisher(client, "pod-1", CLOCK, metrics)) {
      TransitionEvents events = new TransitionEvents(publisher);
      statuses.forEach(status -> events.observed(resource, status, status));
      assertThat(arrived(client, publisher)).isEmpty();
    }
  }

  @Test
  void whatGoesAwayQuietlyMakesNone() {
    assertThat(sent(status(READY, LIMITED, EXHAUSTED), status(READY))).isEmpty();
  }

  @Test
  void aStoreThatIsDownMakesNone() {
    assertThat(
            sent(
                status(READY),
                status(
                    new Condition("Ready", "False", "StoreUnavailable"),
                    new Condition("Reconciling", "True", "StoreUnavailable"))))
        .isEmpty();
  }

  @Test
  void anotherLatchOfAKillSwitchThatIsOnMakesNone() {
    assertThat(
            sent(
                status(READY, KILLED),
                status(READY, new Condition("KillSwitchActive", "True", "Platform"))))
        .isEmpty();
  }

  @Test
  void severalTransitionsAtOnceMakeOneEventEach() {
    assertThat(sent(status(), status(READY, KILLED, EXHAUSTED)))
        .extracting(Event::getReason)
        .containsExactlyInAnyOrder("Synced", "KillSwitchActivated", "BudgetExhausted");
  }

  @Test
  void anEventSaysWhatItIsAboutAndWhoSaysIt() {
    assertThat(sent(status(READY), status(READY, KILLED)))
        .singleElement()
        .satisfies(event -> {
          assertThat(event.getMetadata().getNamespace()).isEqualTo("team");
          assertThat(event.getMetadata().getName()).startsWith("my-team.");
          assertThat(event.getEventTime().getTime()).isEqualTo("2030-01-31T12:00:00.123456Z");
          assertThat(event.getNote()).isEqualTo("Why Declared.");
          assertThat(event.getReportingController()).isEqualTo("workspace-operator.dev/controller");
          assertThat(event.getReportingInstance()).isEqualTo("pod-1");
          assertThat(event.getRegarding().getApiVersion()).isEqualTo("workspace-operator.dev/v1");
          assertThat(event.getRegarding().getKind()).isEqualTo("Workspace");
          assertThat(event.getRegarding().getName()).isEqualTo("my-team");
          assertThat(event.getRegarding().getUid()).isEqualTo("uid-1");
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 230, 253})
  void aNameIsNeverTooLongForKubernetes(int length) {
    assertThat(nameOfEventOf("n".repeat(length))).hasSizeLessThanOrEqualTo(253);
  }

  @ParameterizedTest
  @CsvSource({"234, -.-", "235, .", "235, -", "236, ."})
  void aNameThatIsCutIsStillAName(int at, String atTheCut) {
    assertThat(nameOfEventOf("n".repeat(at) + atTheCut + "n".repeat(12)))
        .matches("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]+)+");
  }

  private String nameOfEventOf(String resourceName) {
    try (KubernetesClient client = server.createClient();
        EventPublisher publisher = new EventPublisher(client, "pod-1", CLOCK, metrics)) {
      publisher.warn(resource(resourceName), Reason.SLUG_TAKEN, "note");
      return arrived(client, publisher).getLast().getMetadata().getName();
    }
  }

  @Test
  void whatIsTooLongForKubernetesIsCut() {
    try (KubernetesClient client = server.createClient();
        EventPublisher publisher =
            new EventPublisher(client, "ö".repeat(200) + "_" + UUID.randomUUID(), CLOCK, metrics)) {
      publisher.warn(resource, Reason.SLUG_TAKEN, "x\ud83d\ude80".repeat(5_000));
      assertThat(arrived(client, publisher))
          .singleElement()
          .satisfies(event -> {
            assertThat(event.getNote().getBytes(UTF_8)).hasSizeBetween(1_015, 1_024);
            assertThat(event.getNote()).endsWith("x\ud83d\ude80x…");
            assertThat(event.getReportingInstance().getBytes(UTF_8)).hasSizeLessThanOrEqualTo(128);
          });
    }
  }

  @Test
  void warningsGoBeforeNotesThatWait() {
    try (KubernetesClient client = server.createClient();
        EventPublisher publisher = new EventPublisher(client, "pod-1", CLOCK, metrics)) {
      for (int i = 0; i < 20; i++) {
        publisher.tell(resource, Reason.SYNCED, "note");
      }
      publisher.warn(resource, Reason.SLUG_TAKEN, "warning");
      assertThat(arrived(client, publisher))
          .extracting(Event::getNote)
          .hasSize(21)
          .endsWith("note")
          .contains("warning");
    }
  }

  @Test
  void whatDoesNotFitIsDroppedAndCountedWithoutDelay() throws IOException {
    int tooMany = 7;
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        KubernetesClient client = client(silent.getLocalPort());
        EventPublisher publisher = new EventPublisher(client, "pod-1", CLOCK, metrics)) {
      double before = dropped();
      for (int i = 0; i < EventPublisher.WARNINGS_MAX + tooMany; i++) {
        publisher.warn(resource, Reason.SLUG_TAKEN, "warning");
      }
      // One may be on its way already.
      assertThat(dropped() - before).isBetween(tooMany - 1.0, (double) tooMany);

      before = dropped();
      for (int i = 0; i < EventPublisher.NOTES_MAX + tooMany; i++) {
        publisher.tell(resource, Reason.SYNCED, "note");
      }
      assertThat(dropped() - before).isEqualTo(tooMany);
    }
  }

  @Test
  void whatTheApiServerDoesNotTakeIsCountedAsDropped() throws IOException {
    int nobodyListens;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobodyListens = closed.getLocalPort();
    }
    try (KubernetesClient client = client(nobodyListens);
        EventPublisher publisher = new EventPublisher(client, "pod-1", CLOCK, metrics)) {
      double before = dropped();
      publisher.warn(resource, Reason.SLUG_TAKEN, "warning");
      publisher.tell(resource, Reason.SYNCED, "note");
      await().until(() -> dropped() - before == 2);
    }
  }

  private List<Event> sent(WorkspaceStatus before, WorkspaceStatus after) {
    try (KubernetesClient client = server.createClient();
        EventPublisher publisher = new EventPublisher(client, "pod-1", CLOCK, metrics)) {
      new TransitionEvents(publisher).observed(resource, before, after);
      return arrived(client, publisher);
    }
  }

  /** Everything that was given to the publisher so far, in the order in which it arrived. */
  private List<Event> arrived(KubernetesClient client, EventPublisher publisher) {
    // Each queue keeps its order: once its last one is here, so is every one before it.
    publisher.warn(resource("last"), Reason.INTERNAL_ERROR, "last warning");
    publisher.tell(resource("last"), Reason.INTERNAL_ERROR, "last note");
    await().until(() -> events(client).stream().filter(TransitionEventsTest::isLast).count() == 2);
    return events(client).stream().filter(event -> !isLast(event)).toList();
  }

  private static boolean isLast(Event event) {
    return event.getReason().equals(Reason.INTERNAL_ERROR.label());
  }

  private static List<Event> events(KubernetesClient client) {
    return client.events().v1().events().inNamespace("team").list().getItems().stream()
        .sorted(
            Comparator.comparingLong(
                event -> Long.parseLong(event.getMetadata().getResourceVersion())))
        .toList();
  }

  private double dropped() {
    return metrics.counter("workspace_operator_events_dropped").count();
  }

  private static KubernetesClient client(int port) {
    Config config =
        new ConfigBuilder(Config.empty())
            .withMasterUrl("http://127.0.0.1:" + port)
            .withRequestRetryBackoffLimit(0)
            .withRequestTimeout(20_000)
            .build();
    return new KubernetesClientBuilder().withConfig(config).build();
  }

  private static Arguments stalled(String reason) {
    return Arguments.of("stalled: " + reason, status(READY), stalledFor(reason), "Warning", reason);
  }

  private static WorkspaceStatus stalledFor(String reason) {
    return status(
        new Condition("Ready", "False", reason), new Condition("Stalled", "True", reason));
  }

  private static WorkspaceStatus overridden(String source) {
    return new WorkspaceStatus(
        4L,
        null,
        null,
        null,
        new WorkspaceStatus.Effective(
            null,
            new WorkspaceStatus.EffectiveField<>("100", source, null),
            null,
            null,
            null,
            null),
        null,
        null,
        null,
        status(READY).conditions());
  }

  private static WorkspaceStatus status(Condition... conditions) {
    return new WorkspaceStatus(
        4L,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        Arrays.stream(conditions)
            .map(condition ->
                new WorkspaceCondition(
                    condition.type(),
                    condition.status(),
                    4L,
                    "2030-01-31T12:00:00Z",
                    condition.reason(),
                    "Why %s.".formatted(condition.reason())))
            .toList());
  }

  private static Workspace resource(String name) {
    Workspace resource = new Workspace();
    resource.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace("team")
            .withName(name)
            .withUid("uid-1")
            .withResourceVersion("17")
            .build());
    return resource;
  }

  private record Condition(String type, String status, String reason) {}
}
