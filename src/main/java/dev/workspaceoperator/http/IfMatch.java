package dev.workspaceoperator.http;

import java.util.ArrayList;
import java.util.List;

/**
 * The header {@code If-Match} (RFC 9110 §13.1.1). Tags are compared strongly, so that a weak one
 * never matches; what is no tag matches nothing.
 *
 * @param any whether it is {@code *}, or absent
 * @param tags the strong tags that it lists, with their quotes
 */
record IfMatch(boolean any, List<String> tags) {
  IfMatch {
    tags = List.copyOf(tags);
  }

  /** Reads every value of the header. */
  static IfMatch of(List<String> values) {
    if (values.isEmpty() || values.stream().anyMatch(value -> value.strip().equals("*"))) {
      return new IfMatch(true, List.of());
    }
    List<String> tags = new ArrayList<>();
    values.forEach(value -> collect(value, tags));
    return new IfMatch(false, tags);
  }

  boolean matches(String etag) {
    return any || tags.contains(etag);
  }

  private static void collect(String value, List<String> tags) {
    int at = 0;
    while (true) {
      int open = value.indexOf('"', at);
      int close = open < 0 ? -1 : value.indexOf('"', open + 1);
      if (close < 0) {
        return;
      }
      boolean weak = open >= 2 && value.startsWith("W/", open - 2);
      if (!weak) {
        tags.add(value.substring(open, close + 1));
      }
      at = close + 1;
    }
  }
}
