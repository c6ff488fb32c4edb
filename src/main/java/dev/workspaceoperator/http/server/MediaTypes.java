package dev.workspaceoperator.http.server;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The media types that are spoken, and what the headers {@code Accept} and others say of them. */
public final class MediaTypes {
  public static final String JSON = "application/json";
  static final String MERGE_PATCH = "application/merge-patch+json";
  static final String PROBLEM = "application/problem+json";
  public static final String EVENTS = "text/event-stream";
  public static final String YAML = "application/yaml";
  public static final String CSV = "text/csv";

  /** RFC 9110 §12.4.2; what is none weighs all. */
  private static final Pattern WEIGHT = Pattern.compile("0(\\.[0-9]*)?|1(\\.0*)?");

  private MediaTypes() {}

  /**
   * Whether {@code Accept} allows this type (RFC 9110 §12.5.1): the most exact range that covers it
   * decides.
   *
   * @param accept the header's values, joined by commas
   */
  static boolean isAccepted(String accept, String type) {
    return accept.equals("*/*") || accept.isBlank() || weight(accept, type) > 0;
  }

  /**
   * Which of these types {@code Accept} likes best; of equal ones the first.
   *
   * @param accept as for {@link #isAccepted}
   */
  static Optional<String> preferred(String accept, List<String> types) {
    return types.stream()
        .filter(type -> isAccepted(accept, type))
        .reduce((best, type) -> weight(accept, type) > weight(accept, best) ? type : best);
  }

  /** Between 0, which is not accepted, and 1. */
  private static double weight(String accept, String type) {
    int exactest = -1;
    double weight = 0;
    for (String range : accept.split(",", -1)) {
      int exactness = exactness(bare(range), type);
      if (exactness > exactest) {
        exactest = exactness;
        weight = weight(range);
      }
    }
    return weight;
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

  private static double weight(String range) {
    for (String parameter : parameters(range)) {
      String lower = parameter.strip().toLowerCase(Locale.ROOT);
      if (lower.startsWith("q=")) {
        String weight = lower.substring(2).strip();
        return WEIGHT.matcher(weight).matches() ? Double.parseDouble(weight) : 1;
      }
    }
    return 1;
  }

  private static String[] parameters(String header) {
    int semicolon = header.indexOf(';');
    return semicolon < 0 ? new String[0] : header.substring(semicolon + 1).split(";", -1);
  }
}
