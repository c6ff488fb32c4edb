package dev.workspaceoperator.workspace;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * All that is ever stored of an API key.
 *
 * @param hex SHA-256 of the whole key as 64 lower-case hex digits
 */
public record ApiKeyDigest(String hex) {
  private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

  public ApiKeyDigest {
    if (!HEX.matcher(hex).matches()) {
      throw new IllegalArgumentException("a SHA-256 is 64 lower-case hex digits");
    }
  }

  /** The digest in this text; empty if it is not 64 lower-case hex digits. */
  public static Optional<ApiKeyDigest> ofHex(String text) {
    return HEX.matcher(text).matches() ? Optional.of(new ApiKeyDigest(text)) : Optional.empty();
  }
}
