package dev.workspaceoperator.workspace;

import java.util.Optional;

/**
 * All that is ever stored of an API key.
 *
 * @param hex SHA-256 of the whole key as 64 lower-case hex digits
 */
public record ApiKeyDigest(String hex) {
  private static final int DIGITS = 64;

  public ApiKeyDigest {
    if (!isDigest(hex)) {
      throw new IllegalArgumentException("a SHA-256 is 64 lower-case hex digits");
    }
  }

  /** The digest in this text; empty if it is not 64 lower-case hex digits. */
  public static Optional<ApiKeyDigest> ofHex(String text) {
    return isDigest(text) ? Optional.of(new ApiKeyDigest(text)) : Optional.empty();
  }

  /** A loop, as this is done for each request. */
  private static boolean isDigest(String text) {
    if (text.length() != DIGITS) {
      return false;
    }
    for (int i = 0; i < DIGITS; i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return true;
  }
}
