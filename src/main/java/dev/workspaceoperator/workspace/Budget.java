package dev.workspaceoperator.workspace;

import java.math.BigDecimal;

/**
 * A cap on what a day may cost: finite or unlimited, never null.
 *
 * @param micros the cap in micro-USD, 0..1e15, or {@link Long#MAX_VALUE} for unlimited; this is
 *     also how the store keeps it, so that "spent + reserved + cost ≤ budget" needs no special case
 */
public record Budget(long micros) {
  /** The word for no cap in manifests and in status. */
  public static final String UNLIMITED_WORD = "unlimited";

  /** No cap. */
  public static final Budget UNLIMITED = new Budget(Long.MAX_VALUE);

  /** The highest finite budget in micro-USD. */
  public static final long MICROS_MAX = Bounds.BUDGET_USD_MAX * 1_000_000;

  public Budget {
    if (micros < 0 || (micros > MICROS_MAX && micros != Long.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "a budget must be from 0 to %d US dollars".formatted(Bounds.BUDGET_USD_MAX));
    }
  }

  /**
   * A finite budget, exactly.
   *
   * @throws ArithmeticException if it has more than 6 decimals
   * @throws IllegalArgumentException if it is outside 0..1,000,000,000 US dollars
   */
  public static Budget ofUsd(BigDecimal usd) {
    if (usd.signum() < 0 || usd.compareTo(BigDecimal.valueOf(Bounds.BUDGET_USD_MAX)) > 0) {
      throw new IllegalArgumentException(
          "a budget must be from 0 to %d US dollars".formatted(Bounds.BUDGET_USD_MAX));
    }
    return new Budget(MicroUsd.ofUsd(usd).micros());
  }

  /** Whether there is no cap. */
  public boolean isUnlimited() {
    return micros == Long.MAX_VALUE;
  }

  /** The cap in US dollars as plain text, or {@code unlimited}. */
  @Override
  public String toString() {
    return isUnlimited() ? UNLIMITED_WORD : new MicroUsd(micros).toString();
  }
}
