package dev.workspaceoperator.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Holds requests to the document. A request that was refused as wrong may be anything; one that got
 * past validation must be documented, else the server accepts more than it says.
 */
final class RequestContract {
  /** These answers are decided after validation (design.md §6, Order). */
  private static final Set<Integer> DECIDED_AFTER_VALIDATION = Set.of(402, 409, 412);

  private final OpenApiDocument document;

  RequestContract(OpenApiDocument document) {
    this.document = document;
  }

  /** What the document does not allow in a request that got past validation. */
  List<String> breaches(ApiOperation operation, RecordedExchange exchange) {
    if (exchange.status() / 100 != 2 && !DECIDED_AFTER_VALIDATION.contains(exchange.status())) {
      return List.of();
    }
    List<String> breaches = new ArrayList<>();
    breaches.addAll(parameterBreaches(operation, exchange));
    breaches.addAll(bodyBreaches(operation, exchange));
    if (needsCredential(operation)
        && exchange.requestHeader("Authorization").isEmpty()
        && exchange.requestHeader("X-API-Key").isEmpty()) {
      breaches.add("the request was accepted without a credential");
    }
    return breaches;
  }

  private boolean needsCredential(ApiOperation operation) {
    return !document
        .member(operation.node(), "security")
        .orElseGet(() -> document.root().path("security"))
        .isEmpty();
  }

  private List<String> parameterBreaches(ApiOperation operation, RecordedExchange exchange) {
    List<String> breaches = new ArrayList<>();
    Map<String, String> query = query(exchange.path());
    Set<String> unknown = new TreeSet<>(query.keySet());
    for (JsonNode parameter : document.parameters(operation)) {
      String name = parameter.path("name").textValue();
      String place = parameter.path("in").textValue();
      Optional<String> value =
          switch (place) {
            case "path" -> Optional.ofNullable(operation.pathParameters(exchange.path()).get(name));
            case "query" -> Optional.ofNullable(query.get(name));
            case "header" -> exchange.requestHeader(name);
            default -> throw new IllegalStateException("a parameter in " + place);
          };
      if (place.equals("query")) {
        unknown.remove(name);
      }
      if (value.isEmpty() && parameter.path("required").asBoolean()) {
        breaches.add("the request was accepted without the parameter " + name);
      }
      value.ifPresent(text ->
          document
              .violations(parameter.path("schema"), typed(parameter.path("schema"), text))
              .forEach(violation ->
                  breaches.add("the request was accepted, parameter " + name + violation)));
    }
    unknown.forEach(
        name -> breaches.add("the request was accepted with the unknown query parameter " + name));
    return breaches;
  }

  private List<String> bodyBreaches(ApiOperation operation, RecordedExchange exchange) {
    Optional<JsonNode> documented = document.member(operation.node(), "requestBody");
    if (documented.isEmpty()) {
      return exchange.requestBody().isEmpty()
          ? List.of()
          : List.of("the request was accepted with a body");
    }
    if (exchange.requestBody().isEmpty()) {
      return documented.get().path("required").asBoolean()
          ? List.of("the request was accepted without a body")
          : List.of();
    }
    JsonNode content = documented.get().path("content");
    // Without one the body is of the only type that there is.
    String type =
        RecordedExchange.mediaType(exchange.requestHeader("Content-Type"))
            .orElse(content.size() == 1 ? content.fieldNames().next() : "(none)");
    if (!content.has(type)) {
      return List.of("the request was accepted with the content type " + type);
    }
    try {
      return document
          .violations(content.path(type).path("schema"), StrictJson.read(exchange.requestBody()))
          .stream()
          .map(violation -> "the request was accepted, body " + violation)
          .toList();
    } catch (IOException e) {
      return List.of("the request was accepted, and its body is not JSON: " + e.getMessage());
    }
  }

  /** A parameter is text on the wire, and its schema may want a number or a truth. */
  private static JsonNode typed(JsonNode schema, String text) {
    String type = schema.path("type").asText();
    if (type.equals("integer") && text.matches("-?[0-9]{1,18}")) {
      return LongNode.valueOf(Long.parseLong(text));
    }
    return type.equals("boolean") && text.matches("true|false")
        ? BooleanNode.valueOf(Boolean.parseBoolean(text))
        : TextNode.valueOf(text);
  }

  private static Map<String, String> query(String path) {
    Map<String, String> values = new LinkedHashMap<>();
    int start = path.indexOf('?');
    if (start >= 0) {
      for (String pair : path.substring(start + 1).split("&", -1)) {
        String[] parts = pair.split("=", 2);
        values.put(decode(parts[0]), parts.length == 2 ? decode(parts[1]) : "");
      }
    }
    return values;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
