package dev.workspaceoperator.app;

/** Where each request to the REST API is told of. */
public enum AccessLogForm {
  /** Nowhere. */
  NONE,
  /** Standard output, as one JSON object a line. */
  JSON,
  /** Among the other log lines. */
  TEXT
}
