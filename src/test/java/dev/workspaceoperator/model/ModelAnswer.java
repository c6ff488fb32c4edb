package dev.workspaceoperator.model;

/**
 * What is answered.
 *
 * @param status as the REST API has it; of Kubernetes 200 or 422
 * @param code the problem's; empty for a good answer
 */
record ModelAnswer(int status, String code) {
  static final ModelAnswer OK = new ModelAnswer(200, "");
  static final ModelAnswer CREATED = new ModelAnswer(201, "");
  static final ModelAnswer GONE = new ModelAnswer(204, "");

  /** The API server refuses the manifest. */
  static final ModelAnswer INVALID = new ModelAnswer(422, "");

  static final ModelAnswer ARCHIVED = new ModelAnswer(403, "WORKSPACE_ARCHIVED");
  static final ModelAnswer PLAN = new ModelAnswer(403, "PLAN_UPGRADE_REQUIRED");
  static final ModelAnswer MANAGED = new ModelAnswer(409, "FIELD_MANAGED_DECLARATIVELY");
  static final ModelAnswer NOT_FOUND = new ModelAnswer(404, "NOT_FOUND");
}
