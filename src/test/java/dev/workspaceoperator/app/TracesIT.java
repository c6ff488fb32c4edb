package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.contract.ApiResponse;
import dev.workspaceoperator.crd.WorkspaceCrd;
import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.env.SharedKubeApiServer;
import dev.workspaceoperator.trace.Ids;
import dev.workspaceoperator.trace.OtlpEndpoint;
import dev.workspaceoperator.trace.OtlpEndpoint.Temper;
import dev.workspaceoperator.trace.TraceExport;
import dev.workspaceoperator.workspace.Plan;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What a collector hears of a request, from its caller to the transaction that decided it. */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
class TracesIT {
  private static final String ALICE = "{\"user_id\":\"alice\"}";
  private static final String CALLERS_SPAN = "b7ad6b7169203331";

  @RegisterExtension final RoleProcesses processes = RoleProcesses.ofEachTest();

  private static String databaseUrl;
  private static OtlpEndpoint collector;
  private static ApiServer server;

  private UUID workspaceId;
  private String key;

  private final String traceId =
      Ids.traceId(ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE));

  @BeforeAll
  static void start() throws InterruptedException {
    databaseUrl = SharedDatabase.create();
    collector = OtlpEndpoint.start(Temper.ACCEPTS);
    server = ApiServer.tracing(databaseUrl, open(collector.environment()));
  }

  @BeforeEach
  void makeWorkspace() {
    workspaceId = server.workspace(Plan.SCALE).id();
    key = server.keyWithAllScopes(workspaceId);
  }

  @AfterAll
  static void stop() {
    server.close();
    collector.close();
  }

  private static TraceExport open(Map<String, String> environment) {
    return TraceExport.open(
        environment,
        "api",
        "1",
        mistake -> {
          throw new AssertionError(mistake);
        });
  }

  @Test
  void aRequestLeadsFromItsCallerToTheBatchThatDecidedIt() {
    ApiResponse admitted = sampled().post("/v1/runs", ALICE);
    assertThat(admitted.status()).isEqualTo(201);

    Span served = span("POST /v1/runs");
    Span decision = span("admit run");
    Span batch = span("decide batch");

    assertThat(Ids.hex(served.getParentSpanId())).isEqualTo(CALLERS_SPAN);
    assertThat(served.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
    assertThat(decision.getParentSpanId()).isEqualTo(served.getSpanId());
    assertThat(batch.getParentSpanId()).isEqualTo(decision.getSpanId());
    assertThat(batch.getLinksList())
        .extracting(Span.Link::getSpanId)
        .containsExactly(decision.getSpanId());
    assertThat(decision.getLinksList())
        .extracting(Span.Link::getSpanId)
        .containsExactly(batch.getSpanId());
    assertThat(Ids.attributes(served))
        .containsEntry("http.request.method", "POST")
        .containsEntry("http.route", "/v1/runs")
        .containsEntry("http.response.status_code", "201")
        .containsEntry("workspace_operator.workspace.id", workspaceId.toString());
    assertThat(Ids.attributes(decision)).containsEntry("workspace_operator.outcome", "done");
    assertThat(Ids.attributes(batch)).containsEntry("db.operation.batch.size", "1");
  }

  @Test
  void whateverIsDecidedTogetherADecisionAndItsBatchNameEachOther() throws Exception {
    String other = Ids.traceId(ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE));
    List<CompletableFuture<ApiResponse>> asked =
        List.of(
            CompletableFuture.supplyAsync(() -> sampled().post("/v1/runs", ALICE)),
            CompletableFuture.supplyAsync(() -> sampled(other).post("/v1/runs", ALICE)));
    for (CompletableFuture<ApiResponse> one : asked) {
      assertThat(one.get().status()).isEqualTo(201);
    }

    for (String trace : List.of(traceId, other)) {
      await()
          .until(() ->
              collector.spans(trace).stream().anyMatch(it -> it.getName().equals("admit run")));
      Span decision = named(trace, "admit run");
      assertThat(decision.getLinksList()).hasSize(1);
      String batchTrace = Ids.hex(decision.getLinks(0).getTraceId());
      await()
          .untilAsserted(() ->
              assertThat(collector.spans(batchTrace))
                  .filteredOn(span -> span.getSpanId().equals(decision.getLinks(0).getSpanId()))
                  .singleElement()
                  .satisfies(batch ->
                      assertThat(batch.getLinksList())
                          .extracting(Span.Link::getSpanId)
                          .contains(decision.getSpanId())));
    }
  }

  @Test
  void postgresqlSeesTheBatchsSpanInAComment() throws Exception {
    String steps = sampled().post("/v1/runs", ALICE).header("Location") + "/steps";
    List<String> seen = new ArrayList<>();
    try (Connection watch = Sessions.open(databaseUrl)) {
      // A lane says so once a second, and its session shows what it sent last.
      await()
          .until(() -> {
            assertThat(sampled().post(steps, "{}").status()).isEqualTo(201);
            seen.addAll(commentsOfLanes(watch));
            return !seen.isEmpty();
          });
    }

    await()
        .untilAsserted(() ->
            assertThat(collector.spans(traceId))
                .filteredOn(span -> span.getName().equals("decide batch"))
                .extracting(span ->
                    "/*traceparent='00-%s-%s-01'*/".formatted(traceId, Ids.hex(span.getSpanId())))
                .contains(seen.getFirst()));
  }

  @Test
  void whatTheCallerDoesNotKeepIsToldToNobody() {
    ApiClient unsampled =
        ApiClient.with(server.port(), key)
            .withHeader("traceparent", "00-%s-%s-00".formatted(traceId, CALLERS_SPAN));
    assertThat(unsampled.post("/v1/runs", ALICE).status()).isEqualTo(201);
    String after = Ids.traceId(ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE));
    sampled(after).get("/v1/usage");

    await().until(() -> !collector.spans(after).isEmpty());

    assertThat(collector.spans(traceId)).isEmpty();
  }

  @Test
  void nothingThatWasSentIsInASpanButTheNameOfTheRequest() {
    ApiClient caller = sampled().withHeader("X-Request-Id", "my-request");
    String run = caller.post("/v1/runs", ALICE).header("Location");
    caller.post(run + "/steps", "{\"name\":\"secret-name\"}");
    caller.get("/v1/nowhere/secret-path?q=secret-query");
    caller.post("/v1/api-keys", "{\"name\":\"secret-key-name\",\"scopes\":[\"runs:write\"]}");

    await()
        .until(() ->
            collector.spans(traceId).stream()
                .anyMatch(it -> it.getName().equals("POST /v1/api-keys")));
    String told = collector.spans(traceId).toString();

    assertThat(told).contains("my-request");
    assertThat(told).doesNotContain("alice", "secret", key, key.substring(8, 20));
  }

  @Test
  void aReconciliationIsASpan() throws Exception {
    KubeApiServer kubernetes = SharedKubeApiServer.get();
    WorkspaceCrd.install(kubernetes);
    Cluster cluster = new Cluster(kubernetes, SharedDatabase.create(), "traces");
    ControllerRole controller = cluster.controller(open(collector.environment()));
    try {
      cluster.applyAndAwait("told", "plan: Pro", "Ready");

      await()
          .untilAsserted(() ->
              assertThat(collector.named("reconcile Workspace"))
                  .anySatisfy(span ->
                      assertThat(Ids.attributes(span))
                          .containsEntry("k8s.namespace.name", cluster.namespace)
                          .containsEntry("workspace_operator.resource.name", "told")
                          .containsEntry("workspace_operator.outcome", "synced")));
    } finally {
      controller.close();
    }
  }

  @Test
  void aCollectorThatIsAwayOrHangsChangesNoAnswer() throws InterruptedException {
    try (OtlpEndpoint hanging = OtlpEndpoint.start(Temper.HANGS)) {
      for (String url : List.of("http://127.0.0.1:1", hanging.url())) {
        Map<String, String> environment = new HashMap<>(hanging.environment());
        environment.put("OTEL_EXPORTER_OTLP_ENDPOINT", url);
        try (ApiServer replica = ApiServer.tracing(databaseUrl, open(environment))) {
          ApiClient caller = ApiClient.with(replica.port(), key);
          String run = caller.post("/v1/runs", ALICE).header("Location");
          for (int i = 0; i < 100; i++) {
            assertThat(caller.post(run + "/steps", "{}").status()).isEqualTo(201);
          }
        }
      }
    }
  }

  @Test
  void whereNobodyCollectsNoClassOfOpenTelemetryIsLoaded(@TempDir Path directory)
      throws IOException, InterruptedException {
    Path classes = directory.resolve("classes.txt");
    ApiReplica replica = processes.api(List.of("-Xlog:class+load:file=" + classes), databaseUrl);
    await().until(replica.process()::isReady);
    assertThat(replica.call(key, "POST", "/v1/runs", ALICE).status()).isEqualTo(201);
    replica.process().stop();

    assertThat(Files.readString(classes))
        .contains("dev.workspaceoperator.trace.TraceExport")
        .doesNotContain("io.opentelemetry");
  }

  private ApiClient sampled() {
    return sampled(traceId);
  }

  private ApiClient sampled(String trace) {
    return ApiClient.with(server.port(), key)
        .withHeader("traceparent", "00-%s-%s-01".formatted(trace, CALLERS_SPAN));
  }

  private Span span(String name) {
    await()
        .until(() -> collector.spans(traceId).stream().anyMatch(it -> it.getName().equals(name)));
    return named(traceId, name);
  }

  private static Span named(String trace, String name) {
    return collector.spans(trace).stream()
        .filter(it -> it.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** What batches of this test's trace were sent with. */
  private List<String> commentsOfLanes(Connection watch) throws SQLException {
    List<String> comments = new ArrayList<>();
    String query =
        "SELECT substr(query, position('/*' IN query), 73) FROM pg_stat_activity WHERE query LIKE '%%%s%%COMMIT'"
            .formatted(traceId);
    try (Statement statement = watch.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      while (row.next()) {
        comments.add(row.getString(1));
      }
    }
    return comments;
  }
}
