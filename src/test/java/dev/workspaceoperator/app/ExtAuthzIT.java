package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.Value;
import dev.workspaceoperator.app.ApiServer.Declared;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.env.DelayProxy;
import dev.workspaceoperator.env.ServingAuthority;
import dev.workspaceoperator.extauthz.ExtAuthzSettings;
import dev.workspaceoperator.workspace.Plan;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.data.accesslog.v3.AccessLogCommon;
import io.envoyproxy.envoy.data.accesslog.v3.AccessLogType;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPAccessLogEntry;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPResponseProperties;
import io.envoyproxy.envoy.service.accesslog.v3.AccessLogServiceGrpc;
import io.envoyproxy.envoy.service.accesslog.v3.StreamAccessLogsMessage;
import io.envoyproxy.envoy.service.accesslog.v3.StreamAccessLogsResponse;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.AuthorizationGrpc;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the role ext-authz answers to whoever speaks to it as Envoy does, in good faith or not. */
class ExtAuthzIT {
  private static final String OURS = "envoy.filters.http.ext_authz";
  private static final String COSTS = "workspace-operator";
  private static final Duration SOON = Duration.ofSeconds(20);

  private static ApiServer server;
  private static ExtAuthzReplica replica;
  private static ManagedChannel channel;

  private final List<ManagedChannel> channels = new ArrayList<>();

  @BeforeAll
  static void start() throws InterruptedException {
    server = ApiServer.start();
    replica = ExtAuthzReplica.start(server.databaseUrl(), ExtAuthzReplica.settings());
    channel = plain(replica.port());
  }

  @AfterAll
  static void stop() {
    channel.shutdownNow();
    replica.close();
    server.close();
  }

  @AfterEach
  void closeChannels() {
    channels.forEach(ManagedChannel::shutdownNow);
  }

  private static ManagedChannel plain(int port) {
    return Grpc.newChannelBuilderForAddress("127.0.0.1", port, InsecureChannelCredentials.create())
        .build();
  }

  /** One workspace of a test. */
  private record Site(ApiClient api, String key) {
    static Site make() {
      Declared workspace = server.workspaceWithBudget(Plan.SCALE, "1");
      String key = server.keyWithAllScopes(workspace.id());
      return new Site(ApiClient.with(server.port(), key), key);
    }

    CheckRequest asking(Map<String, String> headers) {
      return question(
          Map.of("authorization", "Bearer " + key, "x-workspace-max-cost-usd", "0.5"), headers);
    }

    CheckResponse ask() {
      return AuthorizationGrpc.newBlockingStub(channel).check(asking(Map.of()));
    }

    BigDecimal spent() {
      return api.get("/v1/usage").json().path("spent_usd").decimalValue();
    }

    int active() {
      return api.get("/v1/usage").json().path("active_runs").asInt();
    }

    void awaitSpent(String usd) {
      await()
          .atMost(SOON)
          .untilAsserted(() -> {
            assertThat(active()).isZero();
            assertThat(spent()).isEqualByComparingTo(usd);
          });
    }
  }

  private static CheckRequest question(Map<String, String> headers, Map<String, String> more) {
    return CheckRequest.newBuilder()
        .setAttributes(
            AttributeContext.newBuilder()
                .setRequest(
                    AttributeContext.Request.newBuilder()
                        .setHttp(
                            AttributeContext.HttpRequest.newBuilder()
                                .setMethod("POST")
                                .setPath("/v1/chat/completions")
                                .putAllHeaders(headers)
                                .putAllHeaders(more)
                                .setRawBody(ByteString.copyFromUtf8("{\"model\":\"m\"}")))))
        .build();
  }

  private static HTTPAccessLogEntry entry(Struct admission, long costMicroUsd) {
    return entry(admission, costMicroUsd, AccessLogType.DownstreamEnd);
  }

  private static HTTPAccessLogEntry entry(Struct admission, long costMicroUsd, AccessLogType type) {
    return HTTPAccessLogEntry.newBuilder()
        .setCommonProperties(
            AccessLogCommon.newBuilder()
                .setAccessLogType(type)
                .setUpstreamWireBytesSent(1)
                .setMetadata(
                    Metadata.newBuilder()
                        .putFilterMetadata(OURS, admission)
                        .putFilterMetadata(
                            COSTS,
                            Struct.newBuilder()
                                .putFields("cost_micro_usd", number((double) costMicroUsd))
                                .build())))
        .setResponse(
            HTTPResponseProperties.newBuilder()
                .setResponseCode(UInt32Value.of(200))
                .setUpstreamHeaderBytesReceived(1))
        .build();
  }

  private static Value number(double number) {
    return Value.newBuilder().setNumberValue(number).build();
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  /** Sends entries of an access log; returns once they were read. */
  private static void log(HTTPAccessLogEntry... entries) throws InterruptedException {
    CountDownLatch read = new CountDownLatch(1);
    StreamObserver<StreamAccessLogsMessage> stream =
        AccessLogServiceGrpc.newStub(channel)
            .streamAccessLogs(
                new StreamObserver<>() {
                  @Override
                  public void onNext(StreamAccessLogsResponse answer) {
                    read.countDown();
                  }

                  @Override
                  public void onError(Throwable failure) {
                    throw new AssertionError(failure);
                  }

                  @Override
                  public void onCompleted() {
                    read.countDown();
                  }
                });
    for (HTTPAccessLogEntry entry : entries) {
      stream.onNext(
          StreamAccessLogsMessage.newBuilder()
              .setHttpLogs(
                  StreamAccessLogsMessage.HTTPAccessLogEntries.newBuilder().addLogEntry(entry))
              .build());
    }
    stream.onCompleted();
    assertThat(read.await(20, TimeUnit.SECONDS)).isTrue();
  }

  private static double counted(String outcome) {
    return replica
        .scrape()
        .lines()
        .filter(line ->
            line.startsWith("workspace_operator_ext_authz_settlements_total{")
                && line.contains("outcome=\"" + outcome + "\""))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  @Test
  void onlyAnEntryThatHasWhatItsAdmissionGaveSettlesIt() throws InterruptedException {
    Site site = Site.make();
    Site other = Site.make();
    Struct ours = site.ask().getDynamicMetadata();
    Struct others = other.ask().getDynamicMetadata();
    double before = counted("forged");

    log(
        entry(ours.toBuilder().putFields("settle_token", text("none")).build(), 1),
        entry(
            ours.toBuilder()
                .putFields("settle_token", others.getFieldsOrThrow("settle_token"))
                .build(),
            1),
        entry(
            others.toBuilder()
                .putFields("call_id", ours.getFieldsOrThrow("call_id"))
                .putFields("run_id", ours.getFieldsOrThrow("run_id"))
                .build(),
            1),
        entry(ours.toBuilder().putFields("reserved_micro_usd", number(1)).build(), 1));

    assertThat(counted("forged") - before).isEqualTo(4);
    assertThat(site.active()).isEqualTo(1);
    log(entry(ours, 20_000));
    site.awaitSpent("0.02");
    assertThat(other.active()).isEqualTo(1);
    log(entry(others, 0));
    other.awaitSpent("0");
  }

  @Test
  void anEntryThatComesTwiceSettlesOnceAndOneInBetweenNot() throws InterruptedException {
    Site site = Site.make();
    Struct admission = site.ask().getDynamicMetadata();

    log(entry(admission, 1, AccessLogType.DownstreamStart));
    log(entry(admission, 2, AccessLogType.DownstreamPeriodic));
    assertThat(site.active()).isEqualTo(1);
    log(entry(admission, 20_000), entry(admission, 20_000));
    site.awaitSpent("0.02");
    log(entry(admission, 90_000));

    await().atMost(SOON).until(() -> counted("StepAlreadySettled") >= 1);
    site.awaitSpent("0.02");
  }

  @Test
  void anEntryThatComesAfterTheLeaseCorrectsTheCharge() throws InterruptedException {
    try (ExtAuthzReplica brief =
        ExtAuthzReplica.start(
            server.databaseUrl(), ExtAuthzReplica.settings().withCallLeaseSeconds(5))) {
      Site site = Site.make();
      Struct admission =
          AuthorizationGrpc.newBlockingStub(channel(brief.port()))
              .check(site.asking(Map.of()))
              .getDynamicMetadata();
      site.awaitSpent("0.5");

      log(entry(admission, 20_000));

      site.awaitSpent("0.02");
    }
  }

  @Test
  void aQuestionThatNobodyWaitsForAnyMoreCostsNothing() throws InterruptedException {
    Site site = Site.make();
    int database = URI.create(server.databaseUrl().replace("jdbc:", "")).getPort();
    try (DelayProxy far = DelayProxy.start(database, Duration.ZERO);
        ExtAuthzReplica distant =
            ExtAuthzReplica.start(
                server.databaseUrl().replace(":" + database + "/", ":" + far.port() + "/"),
                ExtAuthzReplica.settings())) {
      AuthorizationGrpc.AuthorizationBlockingStub stub =
          AuthorizationGrpc.newBlockingStub(channel(distant.port()));
      // The first one signs in, and opens what is slow to open.
      Struct first = stub.check(site.asking(Map.of())).getDynamicMetadata();
      log(entry(first, 0));
      site.awaitSpent("0");
      far.setRoundTrip(Duration.ofMillis(300));

      assertThatThrownBy(
              () -> stub.withDeadlineAfter(100, TimeUnit.MILLISECONDS).check(site.asking(Map.of())))
          .isInstanceOf(StatusRuntimeException.class);

      await().atMost(SOON).until(() -> site.api().get("/v1/runs").json().path("items").size() == 2);
      site.awaitSpent("0");
    }
  }

  @Test
  void whereTheStoreIsAwayNothingIsAdmitted() throws InterruptedException {
    Site site = Site.make();
    int database = URI.create(server.databaseUrl().replace("jdbc:", "")).getPort();
    DelayProxy way = DelayProxy.start(database, Duration.ZERO);
    try (ExtAuthzReplica cut =
        ExtAuthzReplica.start(
            server.databaseUrl().replace(":" + database + "/", ":" + way.port() + "/"),
            ExtAuthzReplica.settings())) {
      way.close();

      CheckResponse answer =
          AuthorizationGrpc.newBlockingStub(channel(cut.port())).check(site.asking(Map.of()));

      assertThat(answer.hasOkResponse()).isFalse();
      assertThat(answer.getDeniedResponse().getStatus().getCodeValue()).isEqualTo(503);
      assertThat(answer.getDeniedResponse().getBody()).contains("STORE_UNAVAILABLE");
      assertThat(
              answer.getDeniedResponse().getHeadersList().stream()
                  .map(header -> header.getHeader().getKey()))
          .contains("retry-after");
    }
  }

  @Test
  void strangersWithLargeBodiesAreAnsweredAndKeepNobodyOut() throws Exception {
    Site site = Site.make();
    CheckRequest large =
        question(Map.of("authorization", "Bearer nothing"), Map.of()).toBuilder()
            .setAttributes(
                AttributeContext.newBuilder()
                    .setRequest(
                        AttributeContext.Request.newBuilder()
                            .setHttp(
                                AttributeContext.HttpRequest.newBuilder()
                                    .setMethod("POST")
                                    .putHeaders("authorization", "Bearer nothing")
                                    .setRawBody(ByteString.copyFrom(new byte[1024 * 1024])))))
            .build();
    AuthorizationGrpc.AuthorizationFutureStub asking = AuthorizationGrpc.newFutureStub(channel);
    List<ListenableFuture<CheckResponse>> answers = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      answers.add(asking.check(large));
    }

    assertThat(site.ask().hasOkResponse()).isTrue();
    for (ListenableFuture<CheckResponse> answer : answers) {
      assertThat(answer.get(60, TimeUnit.SECONDS).getDeniedResponse().getStatus().getCodeValue())
          .isIn(401, 429, 503);
    }
  }

  @Test
  void whatEnvoySendsOfItsOwnCountsInsteadOfTheClients() {
    Site site = Site.make();
    Site clients = Site.make();
    io.grpc.Metadata own = new io.grpc.Metadata();
    own.put(
        io.grpc.Metadata.Key.of("authorization", io.grpc.Metadata.ASCII_STRING_MARSHALLER),
        "Bearer " + site.key());

    CheckResponse answer =
        AuthorizationGrpc.newBlockingStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(own))
            .check(clients.asking(Map.of()));

    assertThat(answer.hasOkResponse()).isTrue();
    assertThat(answer.getOkResponse().getHeadersToRemoveList()).contains("authorization");
    assertThat(site.active()).isEqualTo(1);
    assertThat(clients.active()).isZero();
  }

  @Test
  void whatClientsMayNotSayIsNotHeard() throws InterruptedException {
    try (ExtAuthzReplica strict =
        ExtAuthzReplica.start(
            server.databaseUrl(), ExtAuthzReplica.settings().withClientHeaders(Set.of()))) {
      Site site = Site.make();

      CheckResponse answer =
          AuthorizationGrpc.newBlockingStub(channel(strict.port()))
              .check(site.asking(Map.of("x-workspace-user", "ada", "x-workspace-run", "no id")));

      assertThat(answer.hasOkResponse()).isTrue();
      var run = site.api().get("/v1/runs").json().path("items").path(0);
      assertThat(run.path("user_id").asText()).isEqualTo("test");
      assertThat(site.api().get("/v1/usage").json().path("reserved_usd").decimalValue())
          .as("the default reservation")
          .isEqualByComparingTo("0.01");
      assertThat(answer.getOkResponse().getHeadersToRemoveList())
          .contains("x-workspace-user", "x-workspace-run", "x-workspace-max-cost-usd");
    }
  }

  @Test
  void overTlsOnlyClientsOfTheAuthorityAreAnswered(@TempDir Path directory)
      throws InterruptedException, IOException {
    ServingAuthority authority =
        ServingAuthority.create(Files.createDirectory(directory.resolve("authority")));
    Path certificate = directory.resolve("tls.crt");
    Path key = directory.resolve("tls.key");
    authority.issue(certificate, key);
    Path clientCertificate = directory.resolve("client.crt");
    Path clientKey = directory.resolve("client.key");
    authority.issueToClient(clientCertificate, clientKey);
    Path ca = Files.writeString(directory.resolve("ca.crt"), authority.certificate());
    try (ExtAuthzReplica secure =
        ExtAuthzReplica.start(
            server.databaseUrl(),
            ExtAuthzReplica.settings()
                .withTls(new ExtAuthzSettings.Tls(certificate, key, Optional.of(ca))))) {
      Site site = Site.make();
      TlsChannelCredentials.Builder known =
          TlsChannelCredentials.newBuilder().trustManager(ca.toFile());

      CheckResponse answer =
          AuthorizationGrpc.newBlockingStub(
                  channel(
                      secure.port(),
                      known.keyManager(clientCertificate.toFile(), clientKey.toFile())))
              .check(site.asking(Map.of()));

      assertThat(answer.hasOkResponse()).isTrue();
      assertThatThrownBy(() ->
              AuthorizationGrpc.newBlockingStub(
                      channel(
                          secure.port(),
                          TlsChannelCredentials.newBuilder().trustManager(ca.toFile())))
                  .check(site.asking(Map.of())))
          .isInstanceOf(StatusRuntimeException.class);
      assertThatThrownBy(() ->
              AuthorizationGrpc.newBlockingStub(channel(secure.port()))
                  .check(site.asking(Map.of())))
          .isInstanceOf(StatusRuntimeException.class);
    }
  }

  private ManagedChannel channel(int port) {
    ManagedChannel made = plain(port);
    channels.add(made);
    return made;
  }

  private ManagedChannel channel(int port, TlsChannelCredentials.Builder credentials) {
    ManagedChannel made =
        Grpc.newChannelBuilderForAddress("127.0.0.1", port, credentials.build()).build();
    channels.add(made);
    return made;
  }
}
