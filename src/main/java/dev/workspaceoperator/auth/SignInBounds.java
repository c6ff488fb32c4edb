package dev.workspaceoperator.auth;

import dev.workspaceoperator.share.ShareBounds;
import java.time.Duration;

/**
 * How many credentials may wait to be judged, and for how long (design.md §12). All lines together
 * are shorter than there are places for requests whose credential is being judged: else those that
 * wait would shut out those that need no line.
 *
 * @param known of those that were good a short time ago; one is a workspace
 * @param strangers of all others; one is a source
 * @param keySets of tokens that wait for keys of their issuer to be fetched; one is an issuer
 * @param patience how long one waits for its turn to have its signature checked
 * @param keySetPatience how long a token waits for keys to be fetched
 */
public record SignInBounds(
    ShareBounds known,
    ShareBounds strangers,
    ShareBounds keySets,
    Duration patience,
    Duration keySetPatience) {
  /** A request waits 5 s for its sign-in at the most, and never for a key set alone. */
  public static final SignInBounds STANDARD =
      new SignInBounds(
          // Half of them are as many as a workspace may have requests under way by default: all of
          // them ask at once when an answer has become old.
          ShareBounds.parts(1_024, 2),
          new ShareBounds(384, 256),
          ShareBounds.parts(120, 3),
          Duration.ofSeconds(1),
          Duration.ofSeconds(2));

  /** How many may wait in all lines together; one waits in one of them at a time. */
  public int waiting() {
    return known.all() + strangers.all() + keySets.all();
  }
}
