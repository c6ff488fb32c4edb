package dev.workspaceoperator.gate;

import dev.workspaceoperator.gate.ledger.DayBalance;
import dev.workspaceoperator.gate.ledger.DecisionIds;
import dev.workspaceoperator.gate.ledger.WorkspaceLedger;
import dev.workspaceoperator.sql.Cursor;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.sql.WorkspaceRows;
import dev.workspaceoperator.workspace.EffectiveSettings;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Run;
import dev.workspaceoperator.workspace.RunStatus;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.Usage;
import dev.workspaceoperator.workspace.port.Page;
import dev.workspaceoperator.workspace.port.RunBooks;
import dev.workspaceoperator.workspace.port.RunRef;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;

/** {@link RunBooks} in PostgreSQL: reads without locks, and so holds nobody up. */
public final class PostgresRunBooks implements RunBooks {
  private static final Sql DAY = Sql.load("gate/day");
  private static final Sql USER_PAGE = Sql.load("gate/userPage");
  private static final Sql USER_OF_DAY = Sql.load("gate/userOfDay");
  private static final String RUNS = "runs";
  private static final String USERS = "users";

  private final Database database;
  private final GateSettings settings;

  public PostgresRunBooks(Database database, GateSettings settings) {
    this.database = database;
    this.settings = settings;
  }

  @Override
  public Optional<Run> run(RunRef ref) {
    ReadSet reads = ReadSet.of(ref.workspaceId());
    reads.wholeRun(ref);
    return database.transact(connection ->
        read(connection, reads)
            .ledger(ref.workspaceId())
            .flatMap(ledger -> ledger.batch().run(ref).map(ledger::view)));
  }

  @Override
  public Page<Run> runs(
      UUID workspaceId, Optional<RunStatus> status, Optional<String> userId, Page.Request request) {
    Optional<UUID> before = Cursor.read(RUNS, 1, request).map(Cursor::id);
    return database.transact(connection -> {
      List<UUID> ids =
          new RunPages(workspaceId, status, userId, before).read(connection, request.limit() + 1);
      return Cursor.page(
          RUNS, request, runs(connection, workspaceId, ids), run -> Cursor.of(run.id().toString()));
    });
  }

  @Override
  public Optional<DayUsage> usage(
      UUID workspaceId, Optional<LocalDate> day, Optional<String> userId, Page.Request request) {
    Optional<Cursor> after = Cursor.read(USERS, 1, request);
    return database.transact(connection -> {
      Optional<WorkspaceLedger> found =
          read(connection, ReadSet.of(workspaceId)).ledger(workspaceId);
      if (found.isEmpty()) {
        return Optional.empty();
      }
      WorkspaceLedger ledger = found.get();
      LocalDate wanted = day.orElse(ledger.batch().today());
      EffectiveSettings effective = ledger.workspace().settings();
      return Optional.of(
          new DayUsage(
              usage(connection, ledger, wanted),
              effective.budget(Setting.DAILY_BUDGET).value(),
              effective.budget(Setting.MONTHLY_BUDGET).value(),
              effective.count(Setting.MAX_CONCURRENT_RUNS).value(),
              Cursor.page(
                  USERS,
                  request,
                  users(connection, workspaceId, wanted, userId, after, request.limit() + 1),
                  user -> Cursor.of(user.userId()))));
    });
  }

  private WorkspaceBatchReader read(Connection connection, ReadSet reads) throws SQLException {
    WorkspaceBatchReader reader =
        new WorkspaceBatchReader(
            settings.planDefaults(),
            settings.defaultReservation(),
            new DecisionIds(new SplittableRandom()));
    RoundTrip trip = new RoundTrip();
    reader.addWorkspaces(trip, reads);
    reader.addEntities(trip, reads);
    trip.run(connection, new Pipelines());
    if (!reader.ahead().isEmpty()) {
      RoundTrip again = new RoundTrip();
      reader.addMore(again, reads);
      again.run(connection, new Pipelines());
    }
    return reader;
  }

  private List<Run> runs(Connection connection, UUID workspaceId, List<UUID> ids)
      throws SQLException {
    ReadSet reads = ReadSet.of(workspaceId);
    ids.forEach(id -> reads.wholeRun(RunRef.of(workspaceId, id)));
    Optional<WorkspaceLedger> ledger = read(connection, reads).ledger(workspaceId);
    return ids.stream()
        .flatMap(id -> ledger.flatMap(it -> it.batch().knownRun(id).map(it::view)).stream())
        .toList();
  }

  private static Usage usage(Connection connection, WorkspaceLedger ledger, LocalDate day)
      throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, DAY)) {
      ResultSet row =
          statement.uuid("workspace_id", ledger.workspace().id()).date("day", day).run().nextRows();
      row.next();
      DayBalance book = WorkspaceBatchRows.book(row);
      return new Usage(
          day,
          new MicroUsd(book.spent()),
          new MicroUsd(book.reserved()),
          ledger.workspace().activeRuns(),
          WorkspaceRows.month(row));
    }
  }

  private static List<UserUsage> users(
      Connection connection,
      UUID workspaceId,
      LocalDate day,
      Optional<String> userId,
      Optional<Cursor> after,
      int rows)
      throws SQLException {
    try (NamedStatement statement =
        NamedStatement.of(connection, userId.isPresent() ? USER_OF_DAY : USER_PAGE)) {
      statement
          .uuid("workspace_id", workspaceId)
          .date("day", day)
          .text("after", after.map(it -> it.parts().getFirst()).orElse(null))
          .integer("rows", rows);
      if (userId.isPresent()) {
        statement.text("user_id", userId.get());
      }
      ResultSet row = statement.run().nextRows();
      List<UserUsage> users = new ArrayList<>();
      while (row.next()) {
        DayBalance book = WorkspaceBatchRows.book(row);
        users.add(
            new UserUsage(
                row.getString("user_id"),
                new MicroUsd(book.spent()),
                new MicroUsd(book.reserved())));
      }
      return users;
    }
  }
}
