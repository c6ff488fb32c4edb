package dev.workspaceoperator.http.server;

import java.util.Locale;

/** The media types that are spoken, and what the headers {@code Accept} and others say of them. */
public final class MediaTypes {
  static final String JSON = "application/json";
  static final String MERGE_PATCH = "application/merge-patch+json";
  static final String PROBLEM = "application/problem+json";
  public static final String EVENTS = "text/event-stream";
  public static final String YAML = "application/yaml";

  private MediaTypes() {}

  /**
   * Whether {@code Accept} allows this type (RFC 9110 §12.5.1): the most exact range that covers it
   * decides.
   *
   * @param accept the header's values, joined by commas
   */
  static boolean isAccepted(String accept, String type) {
    if (accept.equals("*/*") || accept.isBlank()) {
      return true;
    }
    int exactest = -1;
    boolean allowed = false;
    for (String range : accept.split(",", -1)) {
      int exactness = exactness(bare(range), type);
      if (exactness > exactest) {
        exactest = exactness;
        allowed = !isWeightZero(range);
      }
    }
    return allowed;
  }

  /** The type and subtype of this header, in lower case and without parameters. */
  static String bare(String header) {
    int semicolon = header.indexOf(';');
    return (semicolon < 0 ? header : header.substring(0, semicolon))
        .strip()
        .toLowerCase(Locale.ROOT);
  }

  /** Whether the header names no charset, or UTF-8. */
  static boolean isUtf8(String contentType) {
    for (String parameter : parameters(contentType)) {
      String lower = parameter.strip().toLowerCase(Locale.ROOT);
      if (lower.startsWith("charset=")) {
        String charset = lower.substring("charset=".length()).replace("\"", "").strip();
        return charset.equals("utf-8") || charset.equals("utf8") || charset.equals("us-ascii");
      }
    }
    return true;
  }

  private static int exactness(String range, String type) {
    if (range.equals(type)) {
      return 2;
    }
    if (range.endsWith("/*") && type.startsWith(range.substring(0, range.length() - 1))) {
      return 1;
    }
    return range.equals("*/*") || range.equals("*") ? 0 : -1;
  }

  private static boolean isWeightZero(String range) {
    for (String parameter : parameters(range)) {
      String lower = parameter.strip().toLowerCase(Locale.ROOT);
      if (lower.startsWith("q=")) {
        String weight = lower.substring(2).strip();
        return weight.chars().allMatch(c -> c == '0' || c == '.');
      }
    }
    return false;
  }

  private static String[] parameters(String header) {
    int semicolon = header.indexOf(';');
    return semicolon < 0 ? new String[0] : header.substring(semicolon + 1).split(";", -1);
  }
}
