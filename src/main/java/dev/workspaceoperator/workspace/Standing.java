package dev.workspaceoperator.workspace;

import java.util.Optional;

/**
 * What the status of a Workspace tells of it, as far as that is needed to judge a change.
 *
 * @param dailyBudget the budget in force; empty while the operator has not seen the resource
 * @param userDailyBudget the same for each user
 * @param maxConcurrentRuns the run cap in force
 * @param isUsed whether there are runs or spend
 */
public record Standing(
    Optional<EffectiveValue<Budget>> dailyBudget,
    Optional<EffectiveValue<Budget>> userDailyBudget,
    Optional<EffectiveValue<Integer>> maxConcurrentRuns,
    boolean isUsed) {
  /** Of a resource that the operator has not seen. */
  public static final Standing UNSEEN =
      new Standing(Optional.empty(), Optional.empty(), Optional.empty(), false);
}
