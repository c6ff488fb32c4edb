package dev.workspaceoperator.app;

import java.util.Locale;
import java.util.Optional;

/** How figures are written for whoever scrapes. */
enum Exposition {
  /** What every Prometheus reads, and people. */
  TEXT("text/plain; version=0.0.4; charset=utf-8", "text/plain"),

  /** With exemplars. */
  OPEN_METRICS(
      "application/openmetrics-text; version=1.0.0; charset=utf-8", "application/openmetrics-text");

  private final String contentType;
  private final String bare;

  Exposition(String contentType, String bare) {
    this.contentType = contentType;
    this.bare = bare;
  }

  /** The header {@code Content-Type}. */
  String contentType() {
    return contentType;
  }

  /**
   * What somebody wants: OpenMetrics only who names it, and gives it at least the weight of plain
   * text (RFC 9110 §12.5.1).
   *
   * @param accept the header's values, joined by commas; empty for none
   */
  static Exposition of(String accept) {
    Optional<Double> open = OPEN_METRICS.weight(accept);
    double plain = TEXT.weight(accept).orElse(0.0);
    return open.filter(weight -> weight > 0 && weight >= plain).isPresent() ? OPEN_METRICS : TEXT;
  }

  /** The highest that its own range has; empty if none names it. */
  private Optional<Double> weight(String accept) {
    Optional<Double> highest = Optional.empty();
    for (String range : accept.split(",", -1)) {
      String[] parts = range.split(";", -1);
      if (!parts[0].strip().toLowerCase(Locale.ROOT).equals(bare)) {
        continue;
      }
      double weight = weight(parts);
      if (highest.filter(other -> other >= weight).isEmpty()) {
        highest = Optional.of(weight);
      }
    }
    return highest;
  }

  private static double weight(String[] parts) {
    for (int i = 1; i < parts.length; i++) {
      String parameter = parts[i].strip().toLowerCase(Locale.ROOT);
      if (parameter.startsWith("q=")) {
        try {
          return Double.parseDouble(parameter.substring(2).strip());
        } catch (NumberFormatException e) {
          return 0;
        }
      }
    }
    return 1;
  }
}
