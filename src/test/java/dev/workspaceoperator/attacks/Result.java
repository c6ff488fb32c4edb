package dev.workspaceoperator.attacks;

import java.util.Locale;

/**
 * How a victim fared under an attack.
 *
 * @param quiet before it
 * @param first in the first seconds of it
 * @param attacked from then on, with the failures and the slowest step of its first seconds
 * @param own the victim's kill switch meanwhile, the worst of all its uses
 * @param platform that of the installation, once
 * @param answers what the attacker had of it
 * @param rssMib the most memory of the replica
 */
record Result(
    Attack attack,
    Measured quiet,
    Measured first,
    Measured attacked,
    SwitchUse own,
    SwitchUse platform,
    String answers,
    double rssMib) {
  private static final double P99_TIMES_MAX = 3;
  private static final double KILL_MILLIS_MAX = 1_000;
  private static final double RSS_MIB_MAX = 256 + 64;

  static final String HEAD =
      """
      | Attack | victim's failures | steps p50 / p99 / max, quiet | attacked | p99 | p99 of its first seconds | its kill switch: answered, next step refused, released | the platform's | the attacker was answered | RSS of api |
      |---|---|---|---|---|---|---|---|---|---|
      """;

  /** A use of a kill switch that may have failed. */
  sealed interface SwitchUse {
    /** It held. */
    record Held(Switch.Times times) implements SwitchUse {}

    /** It did not, for long. */
    record Failed(String why) implements SwitchUse {}
  }

  private double times() {
    return attacked.millis(0.99) / quiet.millis(0.99);
  }

  /** What was not admitted was not fast. */
  private boolean isFast() {
    return attacked.failureCount() == 0 && times() <= P99_TIMES_MAX;
  }

  /** A line of the table. */
  String row() {
    return String.format(
        Locale.ROOT,
        "| %s (`%s`) | %s | %s | %s | %.1f× %s | %s | %s | %s | %s | %.0f MiB %s |%n",
        attack.what(),
        attack.name(),
        verdict(attacked.failed(), attacked.failureCount() == 0),
        millis(quiet),
        millis(attacked),
        times(),
        word(isFast()),
        first.sortedNanos().isEmpty()
            ? "none"
            : String.format(Locale.ROOT, "%.1f ms", first.millis(0.99)),
        verdict(told(own), holds(own)),
        told(platform),
        answers.replace("|", "/"),
        rssMib,
        word(rssMib <= RSS_MIB_MAX));
  }

  private static boolean holds(SwitchUse use) {
    return use instanceof SwitchUse.Held(Switch.Times times) && times.onMillis() <= KILL_MILLIS_MAX;
  }

  private static String told(SwitchUse use) {
    return switch (use) {
      case SwitchUse.Held(Switch.Times times) ->
          String.format(
              Locale.ROOT,
              "%.0f, %.0f, %.0f ms%s",
              times.answeredMillis(),
              times.refusedMillis(),
              times.releasedMillis(),
              times.retries() == 0 ? "" : "; %d retries".formatted(times.retries()));
      case SwitchUse.Failed(String why) -> why;
    };
  }

  private static String millis(Measured measured) {
    return measured.sortedNanos().isEmpty()
        ? "none"
        : String.format(
            Locale.ROOT,
            "%.1f / %.1f / %.0f ms",
            measured.millis(0.5),
            measured.millis(0.99),
            measured.millis(1));
  }

  private static String verdict(String figure, boolean reached) {
    return figure + " " + word(reached);
  }

  private static String word(boolean reached) {
    return reached ? "reached" : "**missed**";
  }
}
