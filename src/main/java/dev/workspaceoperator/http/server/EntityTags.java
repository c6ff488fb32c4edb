package dev.workspaceoperator.http.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The entity tags that a header lists (RFC 9110 §8.8.3); what is no tag is like none.
 *
 * @param any whether it is {@code *}
 * @param tags those that count, with their quotes
 */
record EntityTags(boolean any, List<String> tags) {
  EntityTags {
    tags = List.copyOf(tags);
  }

  /** Those of {@code If-Match}, compared strongly: a weak one never counts. */
  static Optional<EntityTags> strong(List<String> values) {
    return of(values, false);
  }

  /** Those of {@code If-None-Match}, compared weakly. */
  static Optional<EntityTags> weak(List<String> values) {
    return of(values, true);
  }

  /** Whether this tag is among them. */
  boolean have(String etag) {
    return any || tags.contains(etag);
  }

  private static Optional<EntityTags> of(List<String> values, boolean withWeak) {
    if (values.isEmpty()) {
      return Optional.empty();
    }
    if (values.stream().anyMatch(value -> value.strip().equals("*"))) {
      return Optional.of(new EntityTags(true, List.of()));
    }
    List<String> tags = new ArrayList<>();
    values.forEach(value -> collect(value, withWeak, tags));
    return Optional.of(new EntityTags(false, tags));
  }

  private static void collect(String value, boolean withWeak, List<String> tags) {
    int at = 0;
    while (true) {
      int open = value.indexOf('"', at);
      int close = open < 0 ? -1 : value.indexOf('"', open + 1);
      if (close < 0) {
        return;
      }
      boolean weak = open >= 2 && value.startsWith("W/", open - 2);
      if (withWeak || !weak) {
        tags.add(value.substring(open, close + 1));
      }
      at = close + 1;
    }
  }
}
