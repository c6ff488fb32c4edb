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

  /** The code of a subject: whatever names a reservation, and nothing else. */
  String of(String subject) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(code(subject));
  }

  boolean isOf(String token, String subject) {
    return MessageDigest.isEqual(
        token.getBytes(StandardCharsets.UTF_8), of(subject).getBytes(StandardCharsets.UTF_8));
  }

  private byte[] code(String subject) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return mac.doFinal(subject.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }
}
