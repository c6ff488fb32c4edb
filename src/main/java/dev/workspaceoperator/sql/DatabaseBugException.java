package dev.workspaceoperator.sql;

import java.sql.SQLException;

/** The database refused a statement for a reason that does not pass: a bug in this program. */
public final class DatabaseBugException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DatabaseBugException(SQLException cause) {
    super(
        "the database refused a statement (SQLSTATE %s): %s"
            .formatted(cause.getSQLState(), cause.getMessage()),
        cause);
  }
}
