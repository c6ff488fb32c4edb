package dev.workspaceoperator.workspace;

import java.util.regex.Pattern;

/** The bounds of every value that a user can set (design.md §5 and §6), each in one place. */
public final class Bounds {
  /** Longest display name, in code points. */
  public static final int NAME_LENGTH_MAX = 120;

  /** Longest slug, as of any DNS label (RFC 1123). */
  public static final int SLUG_LENGTH_MAX = 63;

  /** Longest reason of a kill switch or an override, in code points. */
  public static final int REASON_LENGTH_MAX = 500;

  /** Highest budget, in whole US dollars. */
  public static final long BUDGET_USD_MAX = 1_000_000_000L;

  /** Highest cap on concurrent runs. */
  public static final int RUN_CAP_MAX = 1_000_000;

  /** Most API keys that one manifest may list. */
  public static final int MANIFEST_API_KEYS_MAX = 32;

  /** Longest name of an API key, in code points. */
  public static final int API_KEY_NAME_LENGTH_MAX = 120;

  /** Most receivers of notifications that one manifest may list. */
  public static final int MANIFEST_RECEIVERS_MAX = 4;

  /** Longest id of a user, in code points. */
  public static final int USER_ID_LENGTH_MAX = 256;

  /** Longest name of a step, in code points. */
  public static final int STEP_NAME_LENGTH_MAX = 200;

  /** Most labels of a run or a step. */
  public static final int LABELS_MAX = 8;

  /** Longest name of a label, in code points. */
  public static final int LABEL_NAME_LENGTH_MAX = 63;

  /** Longest value of a label, in code points. */
  public static final int LABEL_VALUE_LENGTH_MAX = 256;

  /** Shortest lease of a run, in seconds. */
  public static final int LEASE_SECONDS_MIN = 5;

  /** Longest lease of a run, in seconds. */
  public static final int LEASE_SECONDS_MAX = 3_600;

  /** Highest cost of a run or a step, in whole US dollars. */
  public static final long COST_USD_MAX = 1_000_000L;

  /**
   * A DNS label (RFC 1123): lower-case letters, digits and inner hyphens, at most 63 characters.
   */
  public static final Pattern DNS_LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

  private Bounds() {}

  /**
   * Returns the cap unchanged.
   *
   * @throws IllegalArgumentException if it is not within 0..1,000,000
   */
  public static int requireRunCap(int runs) {
    if (runs < 0 || runs > RUN_CAP_MAX) {
      throw new IllegalArgumentException(
          "a cap on concurrent runs must be from 0 to %d, not %d".formatted(RUN_CAP_MAX, runs));
    }
    return runs;
  }
}
