package dev.workspaceoperator.workspace;

import java.util.List;

/** Why the rules refuse a request; each stands for one code of design.md §6. */
public sealed interface Refusal {
  /** {@code NOT_FOUND}: there is no such thing in this workspace. */
  record NotFound() implements Refusal {}

  /** {@code PRECONDITION_FAILED}: the workspace is not as the caller last saw it. */
  record PreconditionFailed() implements Refusal {}

  /**
   * {@code FIELD_MANAGED_DECLARATIVELY}: a manifest owns what was to be changed.
   *
   * @param manifest whose manifest
   * @param fields names as in the REST API; for a key {@code api_keys/<name>}
   */
  record ManagedDeclaratively(ResourceIdentity manifest, List<String> fields) implements Refusal {
    public ManagedDeclaratively {
      fields = List.copyOf(fields);
    }
  }

  /** {@code PLAN_UPGRADE_REQUIRED}, with every field that the plan does not allow. */
  record PlanTooLow(List<PlanRefusal> refusals) implements Refusal {
    public PlanTooLow {
      refusals = List.copyOf(refusals);
    }
  }

  /**
   * {@code KILL_SWITCH_DECLARED} or {@code KILL_SWITCH_PLATFORM}: the caller cannot release it.
   *
   * @param latch the strongest latch that stays engaged
   * @param manifest the workspace's identity: where a declared latch is released
   */
  record KillSwitchHeld(KillLatch latch, ResourceIdentity manifest) implements Refusal {}

  /** {@code WORKSPACE_ARCHIVED}: its books stay, and nothing is changed or admitted. */
  record Archived() implements Refusal {}

  /** {@code IDEMPOTENCY_KEY_REUSED}: the key stood for another request. */
  record IdempotencyKeyReused() implements Refusal {}
}
