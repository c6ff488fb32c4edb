package dev.workspaceoperator.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Refusal;

/** What tests expect of an {@link Outcome}. */
final class Outcomes {
  private Outcomes() {}

  static <T> T done(Outcome<T> outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Done.class);
    return ((Outcome.Done<T>) outcome).value();
  }

  static <T> Refusal refusal(Outcome<T> outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Refused.class);
    return ((Outcome.Refused<T>) outcome).refusal();
  }
}
