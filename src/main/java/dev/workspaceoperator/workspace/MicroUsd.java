package dev.workspaceoperator.workspace;

import java.math.BigDecimal;

/**
 * An exact amount of money: a count of micro-USD (1e-6 US dollar), never a float.
 *
 * @param micros the amount in micro-USD, not negative
 */
public record MicroUsd(long micros) implements Comparable<MicroUsd> {
  /** Decimals that an amount in US dollars may have. */
  public static final int DECIMALS = 6;

  /** No money. */
  public static final MicroUsd ZERO = new MicroUsd(0);

  public MicroUsd {
    if (micros < 0) {
      throw new IllegalArgumentException("an amount must not be negative: " + micros);
    }
  }

  /**
   * The exact amount; nothing is rounded.
   *
   * @param usd an amount in US dollars
   * @throws ArithmeticException if it has more than 6 decimals or does not fit
   * @throws IllegalArgumentException if it is negative
   */
  public static MicroUsd ofUsd(BigDecimal usd) {
    return new MicroUsd(usd.movePointRight(DECIMALS).longValueExact());
  }

  /** This amount in US dollars, without trailing zeros and never in exponent form. */
  public BigDecimal toUsd() {
    long digits = micros;
    int decimals = DECIMALS;
    while (decimals > 0 && digits % 10 == 0) {
      digits /= 10;
      decimals--;
    }
    return BigDecimal.valueOf(digits, decimals);
  }

  /** This amount in US dollars as plain text: {@code 100}, {@code 25.5}. */
  @Override
  public String toString() {
    return toUsd().toPlainString();
  }

  @Override
  public int compareTo(MicroUsd other) {
    return Long.compare(micros, other.micros);
  }
}
