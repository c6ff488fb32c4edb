package dev.workspaceoperator.notification;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The key that a receiver knows us by. Signs as the specification Standard Webhooks says, which
 * receivers have libraries for: HMAC-SHA256 over {@code id.timestamp.body}.
 */
final class SigningKey {
  /** The shortest one, in bytes: what the specification asks for. */
  static final int BYTES_MIN = 24;

  /** The longest one, in bytes. */
  static final int BYTES_MAX = 1_024;

  private static final String BASE64 = "whsec_";
  private static final String HMAC = "HmacSHA256";

  private final SecretKeySpec key;

  private SigningKey(byte[] key) {
    this.key = new SecretKeySpec(key, HMAC);
  }

  /**
   * The key that a text stands for: what follows {@code whsec_} in Base64, as receivers' libraries
   * take it, or else the text itself. Empty if it is too short or too long, or no Base64.
   */
  static Optional<SigningKey> of(String text) {
    try {
      byte[] key =
          text.startsWith(BASE64)
              ? Base64.getDecoder().decode(text.substring(BASE64.length()))
              : text.getBytes(UTF_8);
      return key.length >= BYTES_MIN && key.length <= BYTES_MAX
          ? Optional.of(new SigningKey(key))
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The header {@code webhook-signature} of a message. */
  String signature(String id, Instant sentAt, byte[] body) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(key);
      mac.update("%s.%d.".formatted(id, sentAt.getEpochSecond()).getBytes(UTF_8));
      return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HMAC with SHA-256", e);
    }
  }
}
