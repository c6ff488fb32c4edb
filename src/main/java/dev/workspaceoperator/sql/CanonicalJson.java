package dev.workspaceoperator.sql;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * JSON in its one canonical form (RFC 8785): members sorted by UTF-16 code units, no white space,
 * shortest escapes. Numbers are integers within ±2^53, which have only one form.
 */
public final class CanonicalJson {
  private static final long INTEGER_MAX = 1L << 53;

  private CanonicalJson() {}

  /** A string, quoted. */
  public static String text(String value) {
    StringBuilder json = new StringBuilder(value.length() + 2).append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"' -> json.append("\\\"");
        case '\\' -> json.append("\\\\");
        case '\b' -> json.append("\\b");
        case '\f' -> json.append("\\f");
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        default -> {
          if (c < 0x20) {
            json.append("\\u%04x".formatted((int) c));
          } else {
            json.append(c);
          }
        }
      }
    }
    return json.append('"').toString();
  }

  /**
   * An integer.
   *
   * @throws IllegalArgumentException beyond ±2^53, where a JSON number is not exact
   */
  public static String integer(long value) {
    if (value > INTEGER_MAX || value < -INTEGER_MAX) {
      throw new IllegalArgumentException("not exact as a JSON number: " + value);
    }
    return Long.toString(value);
  }

  /** A boolean. */
  public static String bool(boolean value) {
    return value ? "true" : "false";
  }

  /** An array of values that are canonical JSON already. */
  public static String array(List<String> values) {
    return "[" + String.join(",", values) + "]";
  }

  /** An object of values that are canonical JSON already; empty is {@code null}. */
  public static String object(Map<String, Optional<String>> members) {
    // String.compareTo compares UTF-16 code units, as RFC 8785 wants.
    return new TreeMap<>(members)
        .entrySet().stream()
            .map(member -> text(member.getKey()) + ":" + member.getValue().orElse("null"))
            .collect(Collectors.joining(",", "{", "}"));
  }
}
