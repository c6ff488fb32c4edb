package dev.workspaceoperator.auth;

import java.util.function.Function;

/** What a step of judging a token came to. */
sealed interface CredentialJudgement<T> {
  /** The step was passed, and this is what it found. */
  record Good<T>(T value) implements CredentialJudgement<T> {}

  /**
   * The token is refused.
   *
   * @param detail how to mend it, for whoever sent the token
   */
  record Bad<T>(String detail, Fault fault) implements CredentialJudgement<T> {}

  /** Why a token was refused, as far as it matters to who is to blame. */
  enum Fault {
    /** The token is wrong. */
    TOKEN,
    /** The keys of its issuer, or its newest ones, are not at hand, so it could not be judged. */
    ISSUER
  }

  static <T> CredentialJudgement<T> good(T value) {
    return new Good<>(value);
  }

  static <T> CredentialJudgement<T> bad(String detail) {
    return new Bad<>(detail, Fault.TOKEN);
  }

  /** The next step, if this one was passed. */
  default <U> CredentialJudgement<U> then(Function<T, CredentialJudgement<U>> next) {
    return switch (this) {
      case Good<T>(T value) -> next.apply(value);
      case Bad<T>(String detail, Fault fault) -> new Bad<>(detail, fault);
    };
  }
}
