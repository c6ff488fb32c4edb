package dev.workspaceoperator.contract;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One request and its answer.
 *
 * @param method in upper case
 * @param path percent-encoded, with its query
 * @param requestHeaders by name, in any case
 * @param requestBody empty for none
 * @param responseHeaders by name, in any case
 * @param responseBody empty for none
 */
record RecordedExchange(
    String method,
    String path,
    Map<String, List<String>> requestHeaders,
    String requestBody,
    int status,
    Map<String, List<String>> responseHeaders,
    String responseBody) {

  RecordedExchange {
    requestHeaders = byLowerCaseName(requestHeaders);
    responseHeaders = byLowerCaseName(responseHeaders);
  }

  Optional<String> requestHeader(String name) {
    return first(requestHeaders, name);
  }

  Optional<String> responseHeader(String name) {
    return first(responseHeaders, name);
  }

  /** A media type without its parameters, in lower case; empty if the header is absent. */
  static Optional<String> mediaType(Optional<String> contentType) {
    return contentType.map(value -> value.split(";", 2)[0].strip().toLowerCase(Locale.ROOT));
  }

  private static Optional<String> first(Map<String, List<String>> headers, String name) {
    return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of()).stream().findFirst();
  }

  private static Map<String, List<String>> byLowerCaseName(Map<String, List<String>> headers) {
    Map<String, List<String>> sorted = new TreeMap<>();
    headers.forEach((name, values) -> sorted.put(name.toLowerCase(Locale.ROOT), values));
    return sorted;
  }
}
