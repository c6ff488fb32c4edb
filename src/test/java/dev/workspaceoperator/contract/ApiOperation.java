package dev.workspaceoperator.contract;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * One operation of an OpenAPI document.
 *
 * @param template its path, with {@code {name}} for a parameter
 * @param method in upper case
 * @param pathItem what its path's operations share
 * @param node the operation object
 */
public record ApiOperation(String template, String method, JsonNode pathItem, JsonNode node) {
  /** Whether a request's path is this one's; a trailing slash is optional. */
  boolean matches(String requestPath) {
    List<String> wanted = segments(template);
    List<String> given = segments(withoutQuery(requestPath));
    if (wanted.size() != given.size()) {
      return false;
    }
    for (int i = 0; i < wanted.size(); i++) {
      if (!isParameter(wanted.get(i)) && !wanted.get(i).equals(given.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** The path parameters of a request that matches. */
  Map<String, String> pathParameters(String requestPath) {
    List<String> wanted = segments(template);
    List<String> given = segments(withoutQuery(requestPath));
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < wanted.size(); i++) {
      String segment = wanted.get(i);
      if (isParameter(segment)) {
        values.put(segment.substring(1, segment.length() - 1), given.get(i));
      }
    }
    return values;
  }

  /** The scopes of which a credential needs one; empty if none is needed. */
  public Set<String> scopes() {
    Set<String> scopes = new TreeSet<>();
    node.path("x-scopes").forEach(scope -> scopes.add(scope.asText()));
    return scopes;
  }

  /** The media types of the request's body; empty if it has none. */
  public Set<String> consumes() {
    return names(node.path("requestBody").path("content"));
  }

  /** {@code GET /v1/workspace/}. */
  @Override
  public String toString() {
    return method + " " + template;
  }

  private static Set<String> names(JsonNode object) {
    return object.properties().stream()
        .map(Map.Entry::getKey)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static boolean isParameter(String segment) {
    return segment.startsWith("{") && segment.endsWith("}");
  }

  private static String withoutQuery(String requestPath) {
    int query = requestPath.indexOf('?');
    return query < 0 ? requestPath : requestPath.substring(0, query);
  }

  private static List<String> segments(String path) {
    String trimmed =
        path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    return List.of(trimmed.split("/", -1)).stream()
        .map(segment -> URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8))
        .toList();
  }
}
