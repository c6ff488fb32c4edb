package dev.workspaceoperator.workspace;

/**
 * A change that the plan does not allow.
 *
 * @param specField the field's name in a manifest's {@code spec}
 * @param restField the field's name in the REST API
 * @param plan the workspace's plan
 * @param requiredPlan the lowest plan that allows it
 */
public record PlanRefusal(String specField, String restField, Plan plan, Plan requiredPlan) {
  /** One sentence for the author of a manifest. */
  public String sentence() {
    return "spec.%s needs plan %s or higher, and this workspace's plan is %s."
        .formatted(specField, requiredPlan, plan);
  }
}
