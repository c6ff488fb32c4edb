package dev.workspaceoperator.sql;

import java.sql.SQLException;

/** The database lacks what this version's migrations make. */
public final class SchemaMissingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SchemaMissingException(SQLException cause) {
    super(
        "The database lacks something that this version needs: run the command migrate on it first,"
            + " or is it another database than was meant?",
        cause);
  }
}
