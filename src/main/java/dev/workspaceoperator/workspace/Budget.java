package dev.workspaceoperator.workspace;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A cap on what a day may cost: finite or unlimited, never null.
 *
 * @param micros the cap in micro-USD, 0..1e15, or {@link Long#MAX_VALUE} for unlimited; this is
 *     also how the store keeps it, so that "spent + reserved + cost ≤ budget" needs no special case
 */
public record Budget(long micros) {
  /** The word for no cap in manifests and in status. */
  public static final String UNLIMITED_WORD = "unlimited";

  /** A finite budget as text: no sign, no exponent, no bare dot. */
  public static final Pattern DECIMAL = Pattern.compile("(0|[1-9][0-9]{0,9})(\\.[0-9]{1,6})?");

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

  /** What a person wrote, such as {@code 100}, {@code 25.50} or {@code unlimited}; else empty. */
  public static Optional<Budget> ofText(String text) {
    if (text.equals(UNLIMITED_WORD)) {
      return Optional.of(UNLIMITED);
    }
    return DECIMAL.matcher(text).matches()
        ? Optional.of(new BigDecimal(text))
            .filter(usd -> usd.compareTo(BigDecimal.valueOf(Bounds.BUDGET_USD_MAX)) <= 0)
            .map(Budget::ofUsd)
        : Optional.empty();
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
