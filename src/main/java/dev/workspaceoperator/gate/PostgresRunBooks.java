package dev.workspaceoperator.gate;

import dev.workspaceoperator.sql.Cursor;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.sql.WorkspaceRows;
import dev.workspaceoperator.workspace.EffectiveSettings;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Page;
import dev.workspaceoperator.workspace.Run;
import dev.workspaceoperator.workspace.RunBooks;
import dev.workspaceoperator.workspace.RunRef;
import dev.workspaceoperator.workspace.RunStatus;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.Usage;
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
    ReadSet needs = ReadSet.of(ref.workspaceId());
    needs.wholeRun(ref);
    return database.transact(connection ->
        read(connection, needs)
            .ledger(ref.workspaceId())
            .flatMap(ledger -> ledger.sheet().run(ref).map(ledger::view)));
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
      LocalDate wanted = day.orElse(ledger.sheet().today());
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

  private SheetReader read(Connection connection, ReadSet needs) throws SQLException {
    SheetReader reader =
        new SheetReader(
            settings.planDefaults(),
            settings.defaultReservation(),
            new DecisionIds(new SplittableRandom()));
    RoundTrip trip = new RoundTrip();
    reader.addWorkspaces(trip, needs);
    reader.addEntities(trip, needs);
    trip.run(connection, new Pipelines());
    if (!reader.ahead().isEmpty()) {
      RoundTrip again = new RoundTrip();
      reader.addMore(again, needs);
      again.run(connection, new Pipelines());
    }
    return reader;
  }

  private List<Run> runs(Connection connection, UUID workspaceId, List<UUID> ids)
      throws SQLException {
    ReadSet needs = ReadSet.of(workspaceId);
    ids.forEach(id -> needs.wholeRun(RunRef.of(workspaceId, id)));
    Optional<WorkspaceLedger> ledger = read(connection, needs).ledger(workspaceId);
    return ids.stream()
        .flatMap(id -> ledger.flatMap(it -> it.sheet().knownRun(id).map(it::view)).stream())
        .toList();
  }

  private static Usage usage(Connection connection, WorkspaceLedger ledger, LocalDate day)
      throws SQLException {
    try (NamedStatement call = NamedStatement.of(connection, DAY)) {
      ResultSet row =
          call.uuid("workspace_id", ledger.workspace().id()).date("day", day).run().nextRows();
      row.next();
      Book book = SheetRows.book(row);
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
    try (NamedStatement call =
        NamedStatement.of(connection, userId.isPresent() ? USER_OF_DAY : USER_PAGE)) {
      call.uuid("workspace_id", workspaceId)
          .date("day", day)
          .text("after", after.map(it -> it.parts().getFirst()).orElse(null))
          .integer("rows", rows);
      if (userId.isPresent()) {
        call.text("user_id", userId.get());
      }
      ResultSet row = call.run().nextRows();
      List<UserUsage> users = new ArrayList<>();
      while (row.next()) {
        Book book = SheetRows.book(row);
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
