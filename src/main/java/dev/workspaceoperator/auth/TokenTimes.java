package dev.workspaceoperator.auth;

import static dev.workspaceoperator.auth.Judgement.bad;
import static dev.workspaceoperator.auth.Judgement.good;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Optional;

/**
 * When a token is valid (RFC 7519 §4.1.4 to §4.1.6), in seconds since 1970.
 *
 * @param expiresAt exclusive
 * @param startsAt the later of {@code nbf} and {@code iat}; 0 if it has neither
 */
record TokenTimes(long expiresAt, long startsAt) {
  /** How far the issuer's clock may be from ours, in seconds. */
  static final long SKEW = 60;

  /** 9999-12-31T23:59:59Z. */
  private static final long MAX = 253_402_300_799L;

  static Judgement<TokenTimes> read(ObjectNode claims) {
    Optional<Long> exp = seconds(claims.path("exp"));
    Optional<Long> nbf = seconds(claims.path("nbf"));
    Optional<Long> iat = seconds(claims.path("iat"));
    if (exp.isEmpty()) {
      return bad("The token must say when it expires: exp, in whole seconds since 1970.");
    }
    if ((nbf.isEmpty() && claims.has("nbf")) || (iat.isEmpty() && claims.has("iat"))) {
      return bad("The token's nbf and iat must be whole seconds since 1970.");
    }
    return good(new TokenTimes(exp.get(), Math.max(nbf.orElse(0L), iat.orElse(0L))));
  }

  /** Whether it is valid now. */
  Judgement<TokenTimes> at(Instant now) {
    if (now.getEpochSecond() >= expiresAt + SKEW) {
      return bad("The token has expired. Get a new one from its issuer.");
    }
    if (now.getEpochSecond() < startsAt - SKEW) {
      return bad(
          "The token is not valid yet. Compare the clocks of its issuer and of this server.");
    }
    return good(this);
  }

  private static Optional<Long> seconds(JsonNode value) {
    return value.isIntegralNumber() && value.canConvertToLong()
        ? Optional.of(value.longValue()).filter(number -> number >= 0 && number <= MAX)
        : Optional.empty();
  }
}
