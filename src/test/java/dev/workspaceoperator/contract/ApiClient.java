package dev.workspaceoperator.contract;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A client of the REST API whose every exchange is held to {@code openapi.yaml}: an answer that the
 * document does not allow is an {@link AssertionError}. Safe for use by many threads.
 */
public final class ApiClient {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  /** One for all: a client's threads and connections would outlive each test. */
  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  private final URI base;
  private final List<String> headers;
  private final OpenApiContract contract;

  private ApiClient(URI base, List<String> headers, OpenApiContract contract) {
    this.base = base;
    this.headers = List.copyOf(headers);
    this.contract = contract;
  }

  /** A client without a credential of the server at {@code http://host:port}. */
  public static ApiClient at(URI base) {
    return new ApiClient(base, List.of(), OpenApiContract.shipped());
  }

  /** A client without a credential of the server on this port of the loopback interface. */
  public static ApiClient anonymous(int port) {
    return at(URI.create("http://127.0.0.1:" + port));
  }

  /** A client with an API key of the server on this port of the loopback interface. */
  public static ApiClient with(int port, String apiKey) {
    return anonymous(port).withApiKey(apiKey);
  }

  /** The same with {@code Authorization: Bearer}. */
  public ApiClient withBearer(String credential) {
    return withHeader("Authorization", "Bearer " + credential);
  }

  /** The same with {@code X-API-Key}. */
  public ApiClient withApiKey(String key) {
    return withHeader("X-API-Key", key);
  }

  /** The same with one more header in every request. */
  public ApiClient withHeader(String name, String value) {
    List<String> more = new ArrayList<>(headers);
    more.add(name);
    more.add(value);
    return new ApiClient(base, more, contract);
  }

  public ApiResponse get(String path) {
    return send("GET", path);
  }

  public ApiResponse delete(String path) {
    return send("DELETE", path);
  }

  public ApiResponse post(String path, String json) {
    return withHeader("Content-Type", "application/json").send("POST", path, json);
  }

  public ApiResponse patch(String path, String json) {
    return withHeader("Content-Type", "application/merge-patch+json").send("PATCH", path, json);
  }

  /** Any request without a body. */
  public ApiResponse send(String method, String path) {
    return send(request(method, path, HttpRequest.BodyPublishers.noBody()), "");
  }

  /** Any request with a body, also one that is wrong; no Content-Type is added. */
  public ApiResponse send(String method, String path, String body) {
    return send(request(method, path, HttpRequest.BodyPublishers.ofString(body)), body);
  }

  /**
   * Follows a stream of Server-Sent Events; each is held to the document too.
   *
   * @throws AssertionError if the answer is not a stream that the document has
   */
  public EventStream events(String path) {
    HttpRequest request =
        request("GET", path, HttpRequest.BodyPublishers.noBody())
            .header("Accept", "text/event-stream")
            .build();
    HttpResponse<InputStream> response =
        exchange(request, HttpResponse.BodyHandlers.ofInputStream());
    contract.check(
        "GET",
        path,
        request.headers().map(),
        "",
        response.statusCode(),
        response.headers().map(),
        "");
    return new EventStream(response.body(), path, contract);
  }

  private HttpRequest.Builder request(String method, String path, HttpRequest.BodyPublisher body) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(base + path)).timeout(TIMEOUT).method(method, body);
    if (!headers.isEmpty()) {
      builder.headers(headers.toArray(String[]::new));
    }
    return builder;
  }

  private ApiResponse send(HttpRequest.Builder builder, String body) {
    HttpRequest request = builder.build();
    HttpResponse<byte[]> response = exchange(request, HttpResponse.BodyHandlers.ofByteArray());
    Map<String, List<String>> answered = response.headers().map();
    String answer = new String(response.body(), StandardCharsets.UTF_8);
    contract.check(
        request.method(),
        request.uri().toString().substring(base.toString().length()),
        request.headers().map(),
        body,
        response.statusCode(),
        answered,
        answer);
    return new ApiResponse(response.statusCode(), response.headers(), answer);
  }

  private static <T> HttpResponse<T> exchange(
      HttpRequest request, HttpResponse.BodyHandler<T> handler) {
    try {
      return HTTP.send(request, handler);
    } catch (IOException e) {
      throw new UncheckedIOException(request.method() + " " + request.uri(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + request.uri(), e);
    }
  }
}
