package dev.workspaceoperator.auth;

import static dev.workspaceoperator.auth.CredentialJudgement.bad;
import static dev.workspaceoperator.auth.CredentialJudgement.good;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * When a token is valid (RFC 7519 §4.1.4, §4.1.5). When it was issued ({@code iat}, §4.1.6) is no
 * reason to refuse it.
 *
 * @param expiresAt exclusive
 * @param startsAt {@code nbf}; 1970 if it has none
 */
record TokenTimes(Instant expiresAt, Instant startsAt) {
  /** How far the issuer's clock may be from ours. */
  static final Duration SKEW = Duration.ofSeconds(60);

  /** 9999-12-31T23:59:59Z. */
  private static final BigDecimal MAX = BigDecimal.valueOf(253_402_300_799L);

  private static final BigDecimal NANO = BigDecimal.valueOf(1, 9);

  static CredentialJudgement<TokenTimes> read(ObjectNode claims) {
    Optional<Instant> exp = time(claims.path("exp"));
    Optional<Instant> nbf = time(claims.path("nbf"));
    if (exp.isEmpty()) {
      return bad("The token must say when it expires: exp, a number of seconds since 1970.");
    }
    if ((nbf.isEmpty() && claims.has("nbf"))
        || (claims.has("iat") && time(claims.path("iat")).isEmpty())) {
      return bad("The token's nbf and iat must be numbers of seconds since 1970.");
    }
    return good(new TokenTimes(exp.get(), nbf.orElse(Instant.EPOCH)));
  }

  /** Whether it is valid now. */
  CredentialJudgement<TokenTimes> at(Instant now) {
    if (!now.isBefore(expiresAt.plus(SKEW))) {
      return bad("The token has expired. Get a new one from its issuer.");
    }
    if (now.isBefore(startsAt.minus(SKEW))) {
      return bad(
          "The token is not valid yet. Compare the clocks of its issuer and of this server.");
    }
    return good(this);
  }

  /** A NumericDate (RFC 7519 §2): any JSON number, so also one with a fraction or an exponent. */
  private static Optional<Instant> time(JsonNode value) {
    if (!value.isNumber()) {
      return Optional.empty();
    }
    BigDecimal seconds = value.decimalValue();
    if (seconds.signum() < 0 || seconds.compareTo(MAX) > 0) {
      return Optional.empty();
    }
    // Compared before it is rounded: 1e-999999999 would be written out.
    BigDecimal whole =
        seconds.compareTo(NANO) < 0 ? BigDecimal.ZERO : seconds.setScale(9, RoundingMode.FLOOR);
    return Optional.of(
        Instant.ofEpochSecond(
            whole.longValue(), whole.remainder(BigDecimal.ONE).movePointRight(9).longValue()));
  }
}
