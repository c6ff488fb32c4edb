package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.Cursor;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.sql.WorkspaceRows;
import dev.workspaceoperator.workspace.port.AuditLog;
import dev.workspaceoperator.workspace.port.Page;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The books of who changed what, in PostgreSQL. */
public final class PostgresAuditLog implements AuditLog {
  private static final Sql PAGE = Sql.load("audit/page");
  private static final String LIST = "audit";

  private final Database database;

  public PostgresAuditLog(Database database) {
    this.database = database;
  }

  @Override
  public Page<Entry> list(UUID workspaceId, Page.Request request) {
    Optional<Cursor> from = Cursor.read(LIST, 1, request);
    return database.read(connection -> {
      try (NamedStatement statement = NamedStatement.of(connection, PAGE)) {
        ResultSet row =
            statement
                .uuid("workspace_id", workspaceId)
                .bigint("before_seq", from.map(Cursor::number).orElse(null))
                .integer("rows", request.limit() + 1)
                .run()
                .nextRows();
        List<Entry> entries = new ArrayList<>();
        while (row.next()) {
          entries.add(entry(row));
        }
        return Cursor.page(LIST, request, entries, entry -> Cursor.of(Long.toString(entry.seq())));
      }
    });
  }

  private static Entry entry(ResultSet row) throws SQLException {
    return new Entry(
        row.getLong("seq"),
        WorkspaceRows.requiredTime(row, "time"),
        row.getString("actor"),
        row.getString("layer"),
        row.getString("field"),
        Optional.ofNullable(row.getString("before")),
        Optional.ofNullable(row.getString("after")),
        Optional.ofNullable(row.getString("reason")),
        Optional.ofNullable(row.getString("request_id")),
        row.getString("hash"));
  }
}
