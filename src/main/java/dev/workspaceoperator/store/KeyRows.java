package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.WorkspaceRows;
import dev.workspaceoperator.workspace.Scope;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.Set;

/** Reads rows of table {@code api_key}. */
final class KeyRows {
  private KeyRows() {}

  /** The column {@code scopes}; what this version does not know grants nothing. */
  static Set<Scope> scopes(ResultSet row) throws SQLException {
    Set<Scope> scopes = EnumSet.noneOf(Scope.class);
    for (String label : WorkspaceRows.texts(row, "scopes")) {
      Scope.ofLabel(label).ifPresent(scopes::add);
    }
    return scopes;
  }
}
