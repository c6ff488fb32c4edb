package dev.workspaceoperator.sql;

/** Whether what was answered as done may be lost when PostgreSQL, or its machine, crashes. */
public enum Durability {
  /** A commit is answered once it is on disk, and on the standbys that PostgreSQL waits for. */
  REQUIRED,
  /** As PostgreSQL, the database or the role has it: the newest commits may be lost. */
  AS_CONFIGURED
}
