package dev.workspaceoperator.extauthz;

import dev.workspaceoperator.workspace.Bounds;
import dev.workspaceoperator.workspace.MicroUsd;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.OptionalLong;

/**
 * What a model costs, in US dollars a token.
 *
 * @param highestInput the most that a token of the input can cost, in the dearest of its tiers
 * @param highestOutput the same of the output
 * @param input a token of the input in the standard tier
 * @param output a token of the output in the standard tier
 * @param cacheRead a token that is read from the model's cache
 * @param cacheWrite a token that is written to it
 * @param inputMax most tokens that the model takes; empty if the file does not say
 * @param outputMax most tokens that the model makes; empty if the file does not say
 * @param standardMax most tokens of input that are in the standard tier; empty if all are
 */
record ModelPrice(
    BigDecimal highestInput,
    BigDecimal highestOutput,
    BigDecimal input,
    BigDecimal output,
    BigDecimal cacheRead,
    BigDecimal cacheWrite,
    OptionalLong inputMax,
    OptionalLong outputMax,
    OptionalLong standardMax) {
  private static final MicroUsd COST_MAX = MicroUsd.ofUsd(BigDecimal.valueOf(Bounds.COST_USD_MAX));

  /**
   * The most that a request can cost, rounded up.
   *
   * @param inputTokens all of them
   * @param outputTokens of all answers together
   */
  MicroUsd highest(long inputTokens, long outputTokens) {
    return micros(times(highestInput, inputTokens).add(times(highestOutput, outputTokens)));
  }

  /**
   * What tokens that were counted cost, rounded up: in the standard tier, or in the dearest one.
   *
   * @param isDearer whether a dearer tier was asked for
   */
  MicroUsd of(TokenCounts tokens, boolean isDearer) {
    if (isDearer || tokens.allInput() > standardMax.orElse(Long.MAX_VALUE)) {
      return highest(tokens.allInput(), tokens.output());
    }
    return micros(
        times(input, tokens.input())
            .add(times(output, tokens.output()))
            .add(times(cacheRead, tokens.cacheRead()))
            .add(times(cacheWrite, tokens.cacheWrite())));
  }

  private static BigDecimal times(BigDecimal price, long tokens) {
    return price.multiply(BigDecimal.valueOf(tokens));
  }

  /** More than a step may cost is refused by every budget, whatever it is exactly. */
  private static MicroUsd micros(BigDecimal usd) {
    BigDecimal micros = usd.movePointRight(MicroUsd.DECIMALS).setScale(0, RoundingMode.CEILING);
    return micros.compareTo(BigDecimal.valueOf(COST_MAX.micros())) > 0
        ? COST_MAX
        : new MicroUsd(micros.longValueExact());
  }
}
