package dev.workspaceoperator.model;

/**
 * What is answered.
 *
 * @param status as the REST API has it; of Kubernetes 200 or 422
 * @param code the problem's; empty for a good answer
 */
record Answer(int status, String code) {
  static final Answer OK = new Answer(200, "");
  static final Answer CREATED = new Answer(201, "");
  static final Answer GONE = new Answer(204, "");

  /** The API server refuses the manifest. */
  static final Answer INVALID = new Answer(422, "");

  static final Answer ARCHIVED = new Answer(403, "WORKSPACE_ARCHIVED");
  static final Answer PLAN = new Answer(403, "PLAN_UPGRADE_REQUIRED");
  static final Answer MANAGED = new Answer(409, "FIELD_MANAGED_DECLARATIVELY");
  static final Answer NOT_FOUND = new Answer(404, "NOT_FOUND");
}
