package dev.workspaceoperator.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Holds a server to {@code openapi.yaml}: status, headers, content type and body of every answer
 * are what the document says, and what the server accepted is what the document says it accepts.
 * Safe for use by many threads.
 */
public final class OpenApiContract {
  /** About the connection or about any answer, so that no operation has to list them. */
  private static final Set<String> GENERAL_HEADERS =
      Set.of(
          "allow",
          "cache-control",
          "connection",
          "content-length",
          "content-type",
          "date",
          // Of a proxy in between.
          "server",
          "keep-alive",
          "strict-transport-security",
          "transfer-encoding",
          "vary",
          "x-content-type-options");

  private static final OpenApiContract SHIPPED = new OpenApiContract(OpenApiDocument.shipped());

  private final OpenApiDocument document;
  private final RequestContract requests;

  OpenApiContract(OpenApiDocument document) {
    this.document = document;
    this.requests = new RequestContract(document);
  }

  /** The contract that the program ships. */
  public static OpenApiContract shipped() {
    return SHIPPED;
  }

  /**
   * Checks one exchange.
   *
   * @param method in upper case
   * @param path percent-encoded, with its query
   * @param requestBody empty for none
   * @throws AssertionError with everything that the document does not say, a line each
   */
  public void check(
      String method,
      String path,
      Map<String, List<String>> requestHeaders,
      String requestBody,
      int status,
      Map<String, List<String>> responseHeaders,
      String responseBody) {
    check(
        new RecordedExchange(
            method, path, requestHeaders, requestBody, status, responseHeaders, responseBody));
  }

  void check(RecordedExchange exchange) {
    List<String> breaches = breaches(exchange);
    if (!breaches.isEmpty()) {
      throw new AssertionError(
          "%s %s was answered %d, and openapi.yaml says otherwise:%n- %s%nThe answer: %s"
              .formatted(
                  exchange.method(),
                  exchange.path(),
                  exchange.status(),
                  String.join(System.lineSeparator() + "- ", breaches),
                  exchange.responseBody()));
    }
  }

  /**
   * Checks the data of a Server-Sent Event.
   *
   * @param path of the stream, such as {@code /v1/workspace/events}
   * @throws AssertionError if the document has no such event, or other data for it
   */
  public void checkEvent(String path, String event, String data) {
    JsonNode schema =
        document.operationsAt(path).stream()
            .map(operation -> operation.node().path("x-events").path(event))
            .filter(JsonNode::isObject)
            .findFirst()
            .orElseThrow(
                () -> new AssertionError("openapi.yaml has no event " + event + " at " + path));
    List<String> breaches = jsonBreaches(schema, data);
    if (!breaches.isEmpty()) {
      throw new AssertionError("event %s: %s: %s".formatted(event, breaches, data));
    }
  }

  private List<String> breaches(RecordedExchange exchange) {
    List<ApiOperation> atPath = document.operationsAt(exchange.path());
    // HEAD is GET without the content (RFC 9110, 9.3.2).
    boolean head = exchange.method().equals("HEAD");
    String method = head ? "GET" : exchange.method();
    Optional<ApiOperation> operation =
        atPath.stream().filter(found -> found.method().equals(method)).findFirst();
    JsonNode responses =
        operation
            .map(ApiOperation::node)
            .orElseGet(() -> document.root().path("x-unmatched"))
            .path("responses");
    Optional<JsonNode> response = document.member(responses, Integer.toString(exchange.status()));
    if (response.isEmpty()) {
      return List.of("this status is not among " + names(responses));
    }
    List<String> breaches = new ArrayList<>();
    if (operation.isEmpty()) {
      breaches.addAll(unmatchedBreaches(atPath, exchange.status()));
    }
    breaches.addAll(headerBreaches(response.get(), exchange));
    if (!head) {
      breaches.addAll(contentBreaches(response.get(), exchange));
    }
    operation.ifPresent(found -> breaches.addAll(requests.breaches(found, exchange)));
    return breaches;
  }

  private static List<String> unmatchedBreaches(List<ApiOperation> atPath, int status) {
    if ((status == 405 || status == 204) && atPath.isEmpty()) {
      return List.of(status + " is for a path that exists, and this one does not");
    }
    if (status == 404 && !atPath.isEmpty()) {
      return List.of("404 is for a path that does not exist, and this one has " + atPath);
    }
    return List.of();
  }

  private List<String> headerBreaches(JsonNode response, RecordedExchange exchange) {
    List<String> breaches = new ArrayList<>();
    JsonNode documented = response.path("headers");
    Set<String> known = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    known.addAll(GENERAL_HEADERS);
    for (Map.Entry<String, JsonNode> entry : documented.properties()) {
      String name = entry.getKey();
      known.add(name);
      JsonNode header = document.resolved(entry.getValue());
      Optional<String> value = exchange.responseHeader(name);
      if (value.isEmpty() && header.path("required").asBoolean()) {
        breaches.add("the header " + name + " is missing");
      }
      value.ifPresent(given ->
          document
              .violations(header.path("schema"), TextNode.valueOf(given))
              .forEach(violation -> breaches.add("header " + name + violation)));
    }
    exchange.responseHeaders().keySet().stream()
        .filter(name -> !name.startsWith(":") && !known.contains(name))
        .forEach(name -> breaches.add("the header " + name + " is not documented"));
    return breaches;
  }

  private List<String> contentBreaches(JsonNode response, RecordedExchange exchange) {
    JsonNode content = response.path("content");
    Optional<String> type = RecordedExchange.mediaType(exchange.responseHeader("Content-Type"));
    if (content.isEmpty()) {
      return exchange.responseBody().isEmpty() && type.isEmpty()
          ? List.of()
          : List.of("this answer has no body and no Content-Type");
    }
    JsonNode media = content.path(type.orElse(""));
    if (media.isMissingNode()) {
      return List.of(
          "the content type %s is not among %s".formatted(type.orElse("(none)"), names(content)));
    }
    if (!type.orElse("").endsWith("json")) {
      return List.of();
    }
    List<String> breaches =
        new ArrayList<>(jsonBreaches(media.path("schema"), exchange.responseBody()));
    if (breaches.isEmpty() && type.orElse("").equals("application/problem+json")) {
      breaches.addAll(problemBreaches(media, exchange));
    }
    return breaches;
  }

  private List<String> jsonBreaches(JsonNode schema, String text) {
    try {
      List<String> breaches = new ArrayList<>(document.violations(schema, StrictJson.read(text)));
      if (StrictJson.hasExponent(text)) {
        breaches.add("a number is written with an exponent");
      }
      return breaches;
    } catch (IOException e) {
      return List.of("the body is not JSON: " + e.getMessage());
    }
  }

  /**
   * What the schema cannot say: the codes that this operation has, and one name for the request.
   */
  private static List<String> problemBreaches(JsonNode media, RecordedExchange exchange) {
    List<String> breaches = new ArrayList<>();
    JsonNode problem;
    try {
      problem = StrictJson.read(exchange.responseBody());
    } catch (IOException e) {
      throw new IllegalStateException("the body was JSON before", e);
    }
    String code = problem.path("code").asText();
    if (!media.path("examples").has(code)) {
      breaches.add("the code %s is not among %s".formatted(code, names(media.path("examples"))));
    }
    if (problem.path("status").asInt() != exchange.status()) {
      breaches.add("its member status is " + problem.path("status"));
    }
    if (!Optional.of(problem.path("request_id").asText())
        .equals(exchange.responseHeader("X-Request-Id"))) {
      breaches.add("its request_id is not the header X-Request-Id");
    }
    return breaches;
  }

  private static Set<String> names(JsonNode node) {
    Set<String> names = new TreeSet<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
