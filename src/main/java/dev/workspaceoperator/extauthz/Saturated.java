package dev.workspaceoperator.extauthz;

/** Sums of tokens that end at the largest number instead of beginning anew below zero. */
final class Saturated {
  private Saturated() {}

  /**
   * A product.
   *
   * @param one not negative
   * @param other not negative
   */
  static long product(long one, long other) {
    return Math.multiplyHigh(one, other) != 0 || one * other < 0 ? Long.MAX_VALUE : one * other;
  }
}
