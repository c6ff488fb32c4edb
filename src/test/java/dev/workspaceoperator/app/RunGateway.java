package dev.workspaceoperator.app;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.data.accesslog.v3.AccessLogCommon;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPAccessLogEntry;
import io.envoyproxy.envoy.data.accesslog.v3.HTTPResponseProperties;
import io.envoyproxy.envoy.service.accesslog.v3.AccessLogServiceGrpc;
import io.envoyproxy.envoy.service.accesslog.v3.StreamAccessLogsMessage;
import io.envoyproxy.envoy.service.accesslog.v3.StreamAccessLogsResponse;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.AuthorizationGrpc;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.envoyproxy.envoy.service.auth.v3.DeniedHttpResponse;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Stands in for Envoy in run mode, which has none: asks the role ext-authz before each request of
 * the model, as Envoy does, and tells it afterwards. For trying out; examples/envoy has the real
 * one.
 */
final class RunGateway implements AutoCloseable {
  private static final String OURS = "envoy.filters.http.ext_authz";
  private static final List<String> HOPS =
      List.of("host", "connection", "content-length", "transfer-encoding", "upgrade", "expect");

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient client = HttpClient.newHttpClient();
  private final ManagedChannel channel;
  private final int model;

  private RunGateway(HttpServer server, ManagedChannel channel, int model) {
    this.server = server;
    this.channel = channel;
    this.model = model;
  }

  /**
   * Starts it on loopback.
   *
   * @param port where it listens
   * @param extAuthz the port of the role
   * @param model the port of the model
   */
  static RunGateway start(int port, int extAuthz, int model) throws IOException {
    RunGateway gateway =
        new RunGateway(
            HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 128),
            NettyChannelBuilder.forAddress("127.0.0.1", extAuthz).usePlaintext().build(),
            model);
    gateway.server.setExecutor(gateway.threads);
    gateway.server.createContext("/", gateway::handle);
    gateway.server.start();
    return gateway;
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    channel.shutdownNow();
    client.shutdownNow();
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      CheckResponse answer = ask(exchange, body);
      if (answer.hasOkResponse()) {
        pass(exchange, body, answer);
      } else {
        refuse(exchange, answer.getDeniedResponse());
      }
    } catch (StatusRuntimeException e) {
      // As Envoy does with failure_mode_allow off.
      byte[] text = "ext-authz does not answer\n".getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(503, text.length);
      exchange.getResponseBody().write(text);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private CheckResponse ask(HttpExchange exchange, byte[] body) {
    AttributeContext.HttpRequest.Builder http =
        AttributeContext.HttpRequest.newBuilder()
            .setMethod(exchange.getRequestMethod())
            .setPath(exchange.getRequestURI().toString())
            .setRawBody(ByteString.copyFrom(body))
            .setSize(body.length);
    exchange
        .getRequestHeaders()
        .forEach((name, values) ->
            http.putHeaders(name.toLowerCase(Locale.ROOT), String.join(",", values)));
    return AuthorizationGrpc.newBlockingStub(channel)
        .check(
            CheckRequest.newBuilder()
                .setAttributes(
                    AttributeContext.newBuilder()
                        .setRequest(AttributeContext.Request.newBuilder().setHttp(http)))
                .build());
  }

  private void pass(HttpExchange exchange, byte[] body, CheckResponse answer)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + model + exchange.getRequestURI().getPath()))
            .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body));
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> {
          String header = name.toLowerCase(Locale.ROOT);
          if (!HOPS.contains(header)
              && !answer.getOkResponse().getHeadersToRemoveList().contains(header)) {
            values.forEach(value -> request.header(name, value));
          }
        });
    HttpResponse<java.io.InputStream> response =
        client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    response
        .headers()
        .firstValue("content-type")
        .ifPresent(type -> exchange.getResponseHeaders().set("Content-Type", type));
    set(exchange, answer.getOkResponse().getResponseHeadersToAddList());
    exchange.sendResponseHeaders(response.statusCode(), 0);
    try (var answered = response.body()) {
      answered.transferTo(exchange.getResponseBody());
    } finally {
      tell(answer.getDynamicMetadata(), response.statusCode());
    }
  }

  private static void refuse(HttpExchange exchange, DeniedHttpResponse denied) throws IOException {
    set(exchange, denied.getHeadersList());
    byte[] body = denied.getBodyBytes().toByteArray();
    exchange.sendResponseHeaders(denied.getStatus().getCodeValue(), body.length);
    exchange.getResponseBody().write(body);
  }

  private static void set(HttpExchange exchange, List<HeaderValueOption> headers) {
    headers.forEach(header ->
        exchange
            .getResponseHeaders()
            .set(header.getHeader().getKey(), header.getHeader().getValue()));
  }

  /** What the model counted is not read here: the call is charged what it reserved. */
  private void tell(Struct admission, int status) {
    StreamObserver<StreamAccessLogsMessage> log =
        AccessLogServiceGrpc.newStub(channel)
            .streamAccessLogs(
                new StreamObserver<StreamAccessLogsResponse>() {
                  @Override
                  public void onNext(StreamAccessLogsResponse answer) {}

                  @Override
                  public void onError(Throwable failure) {
                    System.err.println("run: the access log ended: " + failure.getMessage());
                  }

                  @Override
                  public void onCompleted() {}
                });
    log.onNext(
        StreamAccessLogsMessage.newBuilder()
            .setHttpLogs(
                StreamAccessLogsMessage.HTTPAccessLogEntries.newBuilder()
                    .addLogEntry(
                        HTTPAccessLogEntry.newBuilder()
                            .setCommonProperties(
                                AccessLogCommon.newBuilder()
                                    .setUpstreamWireBytesSent(1)
                                    .setMetadata(
                                        Metadata.newBuilder().putFilterMetadata(OURS, admission)))
                            .setResponse(
                                HTTPResponseProperties.newBuilder()
                                    .setResponseCode(UInt32Value.of(status))
                                    .setUpstreamHeaderBytesReceived(1))))
            .build());
    log.onCompleted();
  }
}
