package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.sql.WorkspaceRows;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.Usage;
import dev.workspaceoperator.workspace.port.WorkspaceFigures;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What metrics tell of the workspaces of a cluster, read without a lock. Page by page, so that
 * however many there are they are never all in memory as rows.
 */
public final class PostgresFigures {
  private static final Sql FIGURES = Sql.load("fleet/figures");
  private static final Sql PLATFORM_LATCH_SECONDS = Sql.load("platform/latchSeconds");
  private static final int PAGE_ROWS = 250;

  private final Database database;

  public PostgresFigures(Database database) {
    this.database = database;
  }

  /**
   * Reads those that are not archived.
   *
   * @param each is told one after the other, in the order of their identities
   */
  public void read(String cluster, Consumer<WorkspaceFigures> each) {
    String namespace = "";
    String name = "";
    while (true) {
      String afterNamespace = namespace;
      String afterName = name;
      List<WorkspaceFigures> page =
          database.read(connection -> page(connection, cluster, afterNamespace, afterName));
      page.forEach(each);
      if (page.size() < PAGE_ROWS) {
        return;
      }
      ResourceIdentity last = page.getLast().identity();
      namespace = last.namespace();
      name = last.name();
    }
  }

  /** For how many seconds the Platform latch has been engaged; empty if it is not. */
  public Optional<Double> platformLatchSeconds() {
    return database.read(connection -> {
      try (NamedStatement statement = NamedStatement.of(connection, PLATFORM_LATCH_SECONDS)) {
        ResultSet row = statement.run().nextRows();
        return row.next() ? Optional.of(row.getDouble("seconds")) : Optional.empty();
      }
    });
  }

  private static List<WorkspaceFigures> page(
      Connection connection, String cluster, String afterNamespace, String afterName)
      throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, FIGURES)) {
      ResultSet row =
          statement
              .text("cluster", cluster)
              .text("namespace", afterNamespace)
              .text("resource_name", afterName)
              .integer("rows", PAGE_ROWS)
              .run()
              .nextRows();
      List<WorkspaceFigures> page = new ArrayList<>();
      while (row.next()) {
        page.add(figures(row));
      }
      return page;
    }
  }

  private static WorkspaceFigures figures(ResultSet row) throws SQLException {
    Instant now = WorkspaceRows.requiredTime(row, "now");
    return new WorkspaceFigures(
        WorkspaceRows.identity(row),
        Optional.ofNullable(row.getString("slug")),
        StoredWorkspace.State.valueOf(row.getString("state")),
        WorkspaceRows.layers(row),
        new Usage(
            now.atOffset(ZoneOffset.UTC).toLocalDate(),
            new MicroUsd(row.getLong("spent_micro_usd")),
            new MicroUsd(row.getLong("reserved_micro_usd")),
            row.getInt("active_runs"),
            WorkspaceRows.month(row)),
        now);
  }
}
