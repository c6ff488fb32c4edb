package dev.workspaceoperator.extauthz;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Codes by which a reservation is known again (HMAC-SHA256): whoever forges an entry of an access
 * log has none, and that of one call does not fit another one.
 */
final class SettleTokens {
  private static final String ALGORITHM = "HmacSHA256";

  private final SecretKeySpec key;

  /**
   * Those of an installation.
   *
   * @param key 32 bytes that every replica knows, and nobody else
   */
  SettleTokens(byte[] key) {
    this.key = new SecretKeySpec(key, ALGORITHM);
  }

  String of(Reservation reservation) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(code(reservation));
  }

  boolean isOf(String token, Reservation reservation) {
    return MessageDigest.isEqual(
        token.getBytes(StandardCharsets.UTF_8), of(reservation).getBytes(StandardCharsets.UTF_8));
  }

  private byte[] code(Reservation reservation) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return mac.doFinal(
          String.join(
                  "\n",
                  reservation.workspaceId().toString(),
                  reservation.runId().toString(),
                  reservation.stepId().toString(),
                  Long.toString(reservation.reserved().micros()),
                  reservation.model().orElse(""))
              .getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }
}
