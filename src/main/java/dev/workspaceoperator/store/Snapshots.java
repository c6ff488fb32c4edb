package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.sql.WorkspaceRows;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.port.Snapshot;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Reads whole workspaces by their ids. */
final class Snapshots {
  /** Takes {@code :workspace_ids}. */
  static final Sql SNAPSHOTS = Sql.load("runtime/snapshots");

  private Snapshots() {}

  /** Those of these workspaces that there are. */
  static Map<UUID, Snapshot> read(Connection connection, List<UUID> workspaceIds)
      throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, SNAPSHOTS)) {
      return rows(statement.uuids("workspace_ids", workspaceIds).run().nextRows());
    }
  }

  /** Reads the rows of {@link #SNAPSHOTS}. */
  static Map<UUID, Snapshot> rows(ResultSet row) throws SQLException {
    Map<UUID, Snapshot> found = new HashMap<>();
    while (row.next()) {
      Instant now = WorkspaceRows.requiredTime(row, "now");
      StoredWorkspace workspace = WorkspaceRows.workspace(row, now);
      found.put(workspace.id(), new Snapshot(workspace, now));
    }
    return found;
  }
}
