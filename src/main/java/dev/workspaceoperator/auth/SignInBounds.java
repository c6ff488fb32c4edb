package dev.workspaceoperator.auth;

import dev.workspaceoperator.share.ShareBounds;
import java.time.Duration;

/**
 * How many credentials may wait to be judged, and for how long (design.md §12).
 *
 * @param known of those that were good a short time ago; one is a workspace
 * @param strangers of all others; one is a source
 * @param keySets of tokens that wait for keys of their issuer to be fetched; one is an issuer
 * @param patience how long one waits for its turn to have its signature checked
 * @param keySetPatience how long a token waits for keys to be fetched
 */
record SignInBounds(
    ShareBounds known,
    ShareBounds strangers,
    ShareBounds keySets,
    Duration patience,
    Duration keySetPatience) {
  /** A request waits 5 s for its sign-in at the most, and never for a key set alone. */
  static final SignInBounds STANDARD =
      new SignInBounds(
          ShareBounds.parts(2_048, 2),
          ShareBounds.parts(512, 2),
          ShareBounds.parts(192, 3),
          Duration.ofSeconds(1),
          Duration.ofSeconds(2));
}
