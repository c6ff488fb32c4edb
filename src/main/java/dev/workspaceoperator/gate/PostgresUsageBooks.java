package dev.workspaceoperator.gate;

import dev.workspaceoperator.sql.Cursor;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.port.Page;
import dev.workspaceoperator.workspace.port.RunBooks.UserUsage;
import dev.workspaceoperator.workspace.port.UsageBooks;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** {@link UsageBooks} in PostgreSQL: reads without locks, and so holds nobody up. */
public final class PostgresUsageBooks implements UsageBooks {
  private static final Sql TODAY = Sql.load("gate/today");
  private static final Sql DAYS = Sql.load("gate/historyDays");
  private static final Sql USERS = Sql.load("gate/historyUsers");
  private static final Sql USER = Sql.load("gate/historyUser");
  private static final Sql USER_DAYS = Sql.load("gate/userDays");
  private static final Sql USER_DAYS_OF_USER = Sql.load("gate/userDaysOfUser");
  private static final String LIST = "history-users";

  private final Database database;

  public PostgresUsageBooks(Database database) {
    this.database = database;
  }

  @Override
  public LocalDate today() {
    return database.read(connection -> {
      try (NamedStatement statement = NamedStatement.of(connection, TODAY)) {
        ResultSet row = statement.run().nextRows();
        row.next();
        return day(row, "today");
      }
    });
  }

  @Override
  public List<DayTotal> days(UUID workspaceId, Range range) {
    return database.read(connection -> {
      try (NamedStatement statement = NamedStatement.of(connection, DAYS)) {
        ResultSet row = of(statement, workspaceId, range).run().nextRows();
        List<DayTotal> days = new ArrayList<>();
        while (row.next()) {
          days.add(new DayTotal(day(row, "day"), spent(row), reserved(row)));
        }
        return days;
      }
    });
  }

  @Override
  public Page<UserUsage> users(
      UUID workspaceId, Range range, Optional<String> onlyUser, Page.Request request) {
    Optional<Cursor> after = Cursor.read(LIST, 2, request);
    return database.read(connection ->
        Cursor.page(
            LIST,
            request,
            onlyUser.isPresent()
                ? user(connection, workspaceId, range, onlyUser.get())
                : users(connection, workspaceId, range, after, request.limit() + 1),
            user -> Cursor.of(Long.toString(user.spent().micros()), user.userId())));
  }

  @Override
  public List<UserDay> userDays(
      UUID workspaceId, Range range, Optional<String> onlyUser, Optional<UserDay> after, int rows) {
    return database.read(connection -> {
      Sql sql = onlyUser.isPresent() ? USER_DAYS_OF_USER : USER_DAYS;
      try (NamedStatement statement = NamedStatement.of(connection, sql)) {
        if (onlyUser.isPresent()) {
          statement.text("user_id", onlyUser.get()).date("from_day", range.from());
        }
        ResultSet row =
            statement
                .uuid("workspace_id", workspaceId)
                .date("to_day", range.to())
                .date("after_day", after.map(UserDay::day).orElse(range.from()))
                // No user's id is empty.
                .text("after_user", after.map(UserDay::userId).orElse(""))
                .integer("rows", rows)
                .run()
                .nextRows();
        List<UserDay> days = new ArrayList<>();
        while (row.next()) {
          days.add(new UserDay(day(row, "day"), row.getString("user_id"), spent(row)));
        }
        return days;
      }
    });
  }

  private static List<UserUsage> users(
      Connection connection, UUID workspaceId, Range range, Optional<Cursor> after, int rows)
      throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, USERS)) {
      of(statement, workspaceId, range)
          .bigint("after_spent", after.map(Cursor::number).orElse(null))
          .text("after_user", after.map(it -> it.parts().getLast()).orElse(null))
          .integer("rows", rows);
      return userUsage(statement);
    }
  }

  private static List<UserUsage> user(
      Connection connection, UUID workspaceId, Range range, String userId) throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, USER)) {
      of(statement, workspaceId, range).text("user_id", userId);
      return userUsage(statement);
    }
  }

  private static List<UserUsage> userUsage(NamedStatement statement) throws SQLException {
    ResultSet row = statement.run().nextRows();
    List<UserUsage> users = new ArrayList<>();
    while (row.next()) {
      users.add(new UserUsage(row.getString("user_id"), spent(row), reserved(row)));
    }
    return users;
  }

  private static NamedStatement of(NamedStatement statement, UUID workspaceId, Range range)
      throws SQLException {
    return statement
        .uuid("workspace_id", workspaceId)
        .date("from_day", range.from())
        .date("to_day", range.to());
  }

  private static LocalDate day(ResultSet row, String column) throws SQLException {
    return row.getObject(column, LocalDate.class);
  }

  private static MicroUsd spent(ResultSet row) throws SQLException {
    return new MicroUsd(row.getLong("spent_micro_usd"));
  }

  private static MicroUsd reserved(ResultSet row) throws SQLException {
    return new MicroUsd(row.getLong("reserved_micro_usd"));
  }
}
