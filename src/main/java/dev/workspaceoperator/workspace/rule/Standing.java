package dev.workspaceoperator.workspace.rule;

import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.EffectiveValue;
import dev.workspaceoperator.workspace.Setting;
import java.util.Map;
import java.util.Optional;

/**
 * What the status of a Workspace tells of it, as far as that is needed to judge a change.
 *
 * @param inForce what is in force of each setting; none while the operator has not seen the
 *     resource
 * @param isUsed whether there are runs or spend
 */
public record Standing(Map<Setting, EffectiveValue<?>> inForce, boolean isUsed) {
  /** Of a resource that the operator has not seen. */
  public static final Standing UNSEEN = new Standing(Map.of(), false);

  public Standing {
    inForce = Map.copyOf(inForce);
  }

  /** What is in force of money, as far as that is told. */
  public Optional<EffectiveValue<Budget>> budget(Setting setting) {
    return Optional.ofNullable(inForce.get(setting)).map(value -> value.as(Budget.class));
  }

  /** What is in force of a number, as far as that is told. */
  public Optional<EffectiveValue<Integer>> count(Setting setting) {
    return Optional.ofNullable(inForce.get(setting)).map(value -> value.as(Integer.class));
  }
}
