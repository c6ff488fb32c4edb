package dev.workspaceoperator.share;

/**
 * How much there is of one thing, and how much of it one tenant may have.
 *
 * @param all of everybody together; at least 1
 * @param ofOne of one tenant, from 1 to {@code all}
 */
public record ShareBounds(int all, int ofOne) {
  public ShareBounds {
    if (ofOne < 1 || all < ofOne) {
      throw new IllegalArgumentException(
          "a share must be from 1 to the whole of %d, not %d".formatted(all, ofOne));
    }
  }

  /** Of which one tenant may have one part of so many, and at least 1. */
  public static ShareBounds parts(int all, int parts) {
    return new ShareBounds(all, Math.max(1, all / parts));
  }
}
