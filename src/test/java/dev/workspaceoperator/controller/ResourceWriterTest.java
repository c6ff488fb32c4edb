package dev.workspaceoperator.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.crd.WorkspaceCondition;
import dev.workspaceoperator.crd.WorkspaceSpec;
import dev.workspaceoperator.crd.WorkspaceStatus;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.http.Dispatcher;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What reaches the API server, which here only notes it and answers as it is told. */
class ResourceWriterTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String WORKSPACE =
      "{\"kind\":\"Workspace\",\"apiVersion\":\"workspace-operator.dev/v1\"}";
  private static final WorkspaceStatus ONE = status(1);
  private static final WorkspaceStatus TWO = status(2);
  private static final WorkspaceStatus RESTORED =
      new WorkspaceStatus(
          1L,
          null,
          "restored",
          null,
          null,
          null,
          null,
          null,
          List.of(
              new WorkspaceCondition(
                  "Stalled", "True", 1L, "2030-01-31T12:00:00Z", "SlugTaken", "Restored.")));

  private final MockWebServer server = new MockWebServer();
  private final List<RecordedRequest> writes = new CopyOnWriteArrayList<>();
  private final List<String> bodies = new CopyOnWriteArrayList<>();
  private final AtomicInteger answer = new AtomicInteger(200);
  private final Queue<Integer> answers = new ConcurrentLinkedQueue<>();
  private volatile Optional<WorkspaceStatus> left = Optional.empty();
  private final AtomicBoolean mayWrite = new AtomicBoolean(true);
  private final List<String> transitions = new ArrayList<>();
  private KubernetesClient client;
  private ResourceWriter writer;

  @BeforeEach
  void start() {
    server.setDispatcher(new Noting());
    server.start();
    Config config =
        new ConfigBuilder(Config.empty())
            .withMasterUrl("http://127.0.0.1:" + server.getPort())
            .withRequestRetryBackoffLimit(0)
            .build();
    client = new KubernetesClientBuilder().withConfig(config).build();
    writer =
        new ResourceWriter(
            client,
            mayWrite::get,
            (resource, before, after) ->
                transitions.add(before.observedGeneration() + " -> " + after.observedGeneration()));
  }

  @AfterEach
  void stop() {
    client.close();
    server.shutdown();
  }

  @Test
  void aStatusThatIsThereAlreadyIsNotWritten() {
    writer.write(resource(ONE), status(1));

    assertThat(writes).isEmpty();
    assertThat(transitions).isEmpty();
  }

  @Test
  void anotherStatusIsAppliedAndNothingOfTheSpecIsSent() throws JsonProcessingException {
    writer.write(resource(ONE), TWO);

    assertThat(writes).hasSize(1);
    RecordedRequest request = writes.getFirst();
    assertThat(request.getMethod()).isEqualTo("PATCH");
    assertThat(request.getPath())
        .startsWith("/apis/workspace-operator.dev/v1/namespaces/team/workspaces/my-team/status?")
        .contains("fieldManager=workspace-operator", "force=true");
    assertThat(request.getHeader("Content-Type")).startsWith("application/apply-patch+yaml");
    JsonNode body = JSON.readTree(bodies.getFirst());
    assertThat(body.has("spec")).isFalse();
    assertThat(body.at("/status/observedGeneration").asLong()).isEqualTo(2);
    assertThat(body.at("/metadata/uid").asText()).isEqualTo("uid-1");
    assertThat(body.at("/metadata").has("resourceVersion")).isFalse();
    assertThat(transitions).containsExactly("1 -> 2");
  }

  @Test
  void whatWasJustWrittenIsNotWrittenAgainWhileTheInformerLags() {
    Workspace lagging = resource(ONE);
    writer.write(lagging, TWO);
    writer.write(lagging, TWO);

    assertThat(writes).hasSize(1);
    assertThat(writer.current(lagging)).isEqualTo(TWO);
  }

  @Test
  void onceTheInformerHasCaughtUpItsViewCounts() {
    writer.write(resource(ONE), TWO);

    assertThat(writer.current(resource(TWO))).isEqualTo(TWO);
    assertThat(writer.current(resource(ONE))).isEqualTo(ONE);
  }

  @Test
  void whatSomebodyElseWritesMeanwhileIsSeenAtOnce() {
    writer.write(resource(ONE), TWO);

    assertThat(writer.current(resource(RESTORED))).isEqualTo(RESTORED);
  }

  @Test
  void anyOfSeveralStatusesBeforeMayBeWhatALaggingInformerShows() {
    writer.write(resource(ONE), TWO);
    writer.write(resource(ONE), status(3));

    assertThat(writer.current(resource(TWO))).isEqualTo(status(3));
    assertThat(writer.current(resource(ONE))).isEqualTo(status(3));
  }

  @Test
  void whatAnApplyLeavesBecauseSomebodyElseOwnsItIsRemoved() throws JsonProcessingException {
    left = Optional.of(RESTORED);

    writer.write(resource(RESTORED), TWO);

    assertThat(writes).hasSize(2);
    RecordedRequest replacing = writes.getLast();
    assertThat(replacing.getPath())
        .isEqualTo(
            "/apis/workspace-operator.dev/v1/namespaces/team/workspaces/my-team/status?fieldManager=workspace-operator");
    assertThat(replacing.getHeader("Content-Type")).startsWith("application/json-patch+json");
    JsonNode patch = JSON.readTree(bodies.getLast());
    assertThat(patch.at("/0"))
        .isEqualTo(
            JSON.readTree("{\"op\":\"test\",\"path\":\"/metadata/uid\",\"value\":\"uid-1\"}"));
    assertThat(patch.at("/1/path").asText()).isEqualTo("/status");
    assertThat(patch.at("/1/value/observedGeneration").asLong()).isEqualTo(2);
    assertThat(transitions).containsExactly("1 -> 2");

    assertThat(writer.current(resource(RESTORED))).isEqualTo(TWO);
  }

  @Test
  void aTransitionIsToldOnceThoughRemovingTheRestFails() {
    left = Optional.of(RESTORED);
    answers.addAll(List.of(200, 500));
    assertThatExceptionOfType(KubernetesClientException.class)
        .isThrownBy(() -> writer.write(resource(ONE), TWO));
    assertThat(transitions).containsExactly("1 -> 2");

    writer.write(resource(RESTORED), TWO);
    assertThat(writes).hasSize(4);
  }

  @Test
  void whatIsGoneIsForgotten() {
    writer.write(resource(ONE), TWO);
    writer.forget(resource(ONE));
    assertThat(writer.current(resource(ONE))).isEqualTo(ONE);

    writer.write(resource(ONE), TWO);
    answer.set(404);
    writer.write(resource(ONE), status(3));
    assertThat(writer.current(resource(ONE))).isEqualTo(ONE);
  }

  @Test
  void whoMayNotWriteSendsNothing() {
    mayWrite.set(false);

    assertThatExceptionOfType(FencedException.class)
        .isThrownBy(() -> writer.write(resource(ONE), TWO));
    assertThatExceptionOfType(FencedException.class)
        .isThrownBy(() -> writer.setFinalizer(resource(ONE), true));

    assertThat(writes).isEmpty();
  }

  @Test
  void whatTheApiServerRefusedIsNoTransitionAndIsTriedAgain() {
    answer.set(500);
    assertThatExceptionOfType(KubernetesClientException.class)
        .isThrownBy(() -> writer.write(resource(ONE), TWO));
    assertThat(transitions).isEmpty();

    answer.set(200);
    writer.write(resource(ONE), TWO);
    assertThat(transitions).containsExactly("1 -> 2");
  }

  @Test
  void aResourceThatIsGoneMeanwhileIsNoTransition() {
    answer.set(404);

    writer.write(resource(ONE), TWO);

    assertThat(transitions).isEmpty();
  }

  @Test
  void theFinalizerIsPutOnAndTakenOffOnlyWhereItDiffers() throws JsonProcessingException {
    Workspace without = resource(ONE);
    without.getMetadata().setFinalizers(List.of("somebody.else/theirs"));
    writer.setFinalizer(without, false);
    assertThat(writes).isEmpty();

    writer.setFinalizer(without, true);
    assertThat(finalizersSent())
        .isEqualTo("[\"somebody.else/theirs\",\"%s\"]".formatted(ResourceWriter.FINALIZER));

    Workspace with = resource(ONE);
    with.getMetadata().setFinalizers(List.of(ResourceWriter.FINALIZER));
    writer.setFinalizer(with, true);
    assertThat(writes).hasSize(1);

    writer.setFinalizer(with, false);
    assertThat(finalizersSent()).isEqualTo("[]");
  }

  /** The list in the last request, which must hold for one version of one resource only. */
  private String finalizersSent() throws JsonProcessingException {
    JsonNode metadata = JSON.readTree(bodies.getLast()).get("metadata");
    assertThat(metadata.get("uid").asText()).isEqualTo("uid-1");
    assertThat(metadata.get("resourceVersion").asText()).isEqualTo("17");
    return metadata.get("finalizers").toString();
  }

  private static Workspace resource(WorkspaceStatus status) {
    Workspace resource = new Workspace();
    resource.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace("team")
            .withName("my-team")
            .withUid("uid-1")
            .withResourceVersion("17")
            .build());
    resource.setSpec(WorkspaceSpec.of(JsonNodeFactory.instance.objectNode().put("plan", "Pro")));
    resource.setStatus(status);
    return resource;
  }

  private static WorkspaceStatus status(long observedGeneration) {
    return new WorkspaceStatus(
        observedGeneration, null, null, null, null, null, null, null, List.of());
  }

  private final class Noting extends Dispatcher {
    @Override
    public MockResponse dispatch(RecordedRequest request) {
      if (!request.getMethod().equals("GET")) {
        writes.add(request);
      }
      String body = request.getUtf8Body(); // It can be read once.
      bodies.add(body);
      Integer next = answers.poll();
      return new MockResponse()
          .setResponseCode(next == null ? answer.get() : next)
          .addHeader("Content-Type", "application/json")
          .setBody(
              left.map(status -> Serialization.asJson(resource(status)))
                  .filter(_ -> isApply(request))
                  .orElseGet(() -> isApply(request) ? body : WORKSPACE));
    }

    private static boolean isApply(RecordedRequest request) {
      return String.valueOf(request.getHeader("Content-Type")).startsWith("application/apply-");
    }
  }
}
