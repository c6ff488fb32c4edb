package dev.workspaceoperator.metric;

/** What kind of figure it is; its name ends accordingly. */
public enum Kind {
  /** Rises only; the name ends with {@code _total}. */
  COUNTER("counter", "_total"),

  /** Rises and falls. */
  GAUGE("gauge", ""),

  /** How often something was, how long that took in all, and the longest of late. */
  TIMER("summary", "_seconds"),

  /** The same, and how many took at most so long. */
  HISTOGRAM("histogram", "_seconds"),

  /** As a histogram, of sizes. */
  SIZES("histogram", "");

  private final String type;
  private final String suffix;

  Kind(String type, String suffix) {
    this.type = type;
    this.suffix = suffix;
  }

  /** What Prometheus calls it. */
  public String type() {
    return type;
  }

  String suffix() {
    return suffix;
  }

  /** Whether there is a second figure beside it, with the largest value of the last minutes. */
  public boolean hasMax() {
    return this == TIMER || this == HISTOGRAM || this == SIZES;
  }
}
