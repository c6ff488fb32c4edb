package dev.workspaceoperator.workspace;

import dev.workspaceoperator.workspace.port.StoreUnavailableException;

/**
 * What became of a request that the rules may refuse. A failure of the store is not an outcome: it
 * is a {@link StoreUnavailableException}.
 *
 * @param <T> what a caller gets when it is done
 */
public sealed interface Outcome<T> {
  /** It is done and committed, or nothing was left to do. */
  record Done<T>(T value) implements Outcome<T> {}

  /** It is refused, and nothing has changed. */
  record Refused<T>(Refusal refusal) implements Outcome<T> {}

  /** Shorthand for {@link Done}. */
  static <T> Outcome<T> done(T value) {
    return new Done<>(value);
  }

  /** Shorthand for {@link Refused}. */
  static <T> Outcome<T> refused(Refusal refusal) {
    return new Refused<>(refusal);
  }
}
