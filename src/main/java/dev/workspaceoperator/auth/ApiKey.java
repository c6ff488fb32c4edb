package dev.workspaceoperator.auth;

import dev.workspaceoperator.digest.Sha256;
import dev.workspaceoperator.workspace.ApiKeyDigest;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32;

/**
 * An API key in the clear, shown once and never stored (design.md §6): {@code wsk_}, 43 base62
 * digits of 256 random bits, 6 base62 digits of a CRC32, so that a leak scanner and a typing check
 * can tell a key without asking anyone.
 */
public final class ApiKey {
  private static final String PREFIX = "wsk_";
  private static final String DIGITS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final BigInteger BASE = BigInteger.valueOf(DIGITS.length());
  private static final int SECRET_BYTES = 32;
  private static final int SECRET_DIGITS = 43;
  private static final int CHECKSUM_DIGITS = 6;
  private static final int LENGTH = PREFIX.length() + SECRET_DIGITS + CHECKSUM_DIGITS;

  private final String text;

  private ApiKey(String text) {
    this.text = text;
  }

  /**
   * Makes a new key.
   *
   * @param random must be unpredictable: a {@link java.security.SecureRandom}
   */
  public static ApiKey generate(RandomGenerator random) {
    byte[] secret = new byte[SECRET_BYTES];
    random.nextBytes(secret);
    String body = PREFIX + base62(new BigInteger(1, secret), SECRET_DIGITS);
    return new ApiKey(body + checksum(body));
  }

  /** The key in this text; empty if its form or its checksum is wrong. */
  public static Optional<ApiKey> parse(String text) {
    if (text.length() != LENGTH || !text.startsWith(PREFIX)) {
      return Optional.empty();
    }
    for (int i = PREFIX.length(); i < LENGTH; i++) {
      if (DIGITS.indexOf(text.charAt(i)) < 0) {
        return Optional.empty();
      }
    }
    String body = text.substring(0, LENGTH - CHECKSUM_DIGITS);
    return text.endsWith(checksum(body)) ? Optional.of(new ApiKey(text)) : Optional.empty();
  }

  /** SHA-256 of the whole key: all that is stored of it. */
  public ApiKeyDigest digest() {
    byte[] hash = Sha256.of(text.getBytes(StandardCharsets.US_ASCII));
    return new ApiKeyDigest(HexFormat.of().formatHex(hash));
  }

  /** The key itself, to show it once. */
  public String reveal() {
    return text;
  }

  /** Never the key: this is what lands in logs. */
  @Override
  public String toString() {
    return PREFIX + "…";
  }

  private static String checksum(String body) {
    CRC32 crc = new CRC32();
    crc.update(body.getBytes(StandardCharsets.US_ASCII));
    char[] digits = new char[CHECKSUM_DIGITS];
    long rest = crc.getValue();
    for (int i = CHECKSUM_DIGITS - 1; i >= 0; i--) {
      digits[i] = DIGITS.charAt((int) (rest % DIGITS.length()));
      rest /= DIGITS.length();
    }
    return new String(digits);
  }

  private static String base62(BigInteger number, int width) {
    StringBuilder digits = new StringBuilder(width);
    BigInteger rest = number;
    while (digits.length() < width) {
      BigInteger[] quotientAndDigit = rest.divideAndRemainder(BASE);
      digits.append(DIGITS.charAt(quotientAndDigit[1].intValue()));
      rest = quotientAndDigit[0];
    }
    return digits.reverse().toString();
  }
}
