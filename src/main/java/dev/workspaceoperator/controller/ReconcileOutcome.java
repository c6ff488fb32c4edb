package dev.workspaceoperator.controller;

/** How one reconciliation ended; the label of its metric. */
enum ReconcileOutcome {
  SYNCED,
  UNCHANGED,
  REFUSED,
  CONFLICT,
  SUPERSEDED,
  ARCHIVED,
  FROZEN,
  STORE_UNAVAILABLE,
  FENCED,
  /** By a mistake of the program, or of an API server that does not answer; it is tried again. */
  FAILED
}
