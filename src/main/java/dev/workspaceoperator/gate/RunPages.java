package dev.workspaceoperator.gate;

import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.workspace.RunStatus;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Finds the runs of a page, newest first. There is a statement for each set of filters: one with
 * filters that may be absent would have to read every run of the workspace.
 *
 * @param status of the runs; empty for any
 * @param userId whose they are; empty for anybody's
 * @param before ends the page, exclusive; empty for the first one
 */
record RunPages(
    UUID workspaceId, Optional<RunStatus> status, Optional<String> userId, Optional<UUID> before) {
  private static final Sql ANY = Sql.load("gate/runPage");
  private static final Sql OF_USER = Sql.load("gate/runPageOfUser");
  private static final Sql OF_USER_AND_STATUS = Sql.load("gate/runPageOfUserAndStatus");
  private static final Sql RUNNING = Sql.load("gate/runPageOfRunning");
  private static final Sql ENDED = Sql.load("gate/runPageOfEnded");

  /** At most so many. */
  List<UUID> read(Connection connection, int rows) throws SQLException {
    Sql sql = statement();
    try (NamedStatement statement = NamedStatement.of(connection, sql)) {
      statement
          .uuid("workspace_id", workspaceId)
          .uuid("before", before.orElse(null))
          .integer("rows", rows);
      if (userId.isPresent()) {
        statement.text("user_id", userId.get());
      }
      if (sql.parameters().contains("status")) {
        statement.text("status", status.orElseThrow().label());
      }
      ResultSet row = statement.run().nextRows();
      List<UUID> ids = new ArrayList<>();
      while (row.next()) {
        ids.add(WorkspaceBatchRows.uuid(row, "run_id"));
      }
      return ids;
    }
  }

  private Sql statement() {
    if (userId.isPresent()) {
      return status.isPresent() ? OF_USER_AND_STATUS : OF_USER;
    }
    return status.map(it -> it == RunStatus.RUNNING ? RUNNING : ENDED).orElse(ANY);
  }
}
