package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.sql.WorkspaceRows;
import dev.workspaceoperator.workspace.port.NotificationOutbox;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/** {@link NotificationOutbox} in PostgreSQL. */
public final class PostgresNotificationOutbox implements NotificationOutbox {
  private static final Sql TO_SPREAD = Sql.load("notification/toSpread");
  private static final Sql SPREAD_LOCK = Sql.load("notification/spreadLock");
  private static final Sql SPREAD = Sql.load("notification/spread");
  private static final Sql DUE = Sql.load("notification/due");
  private static final Sql CLAIM = Sql.load("notification/claim");
  private static final Sql OLDEST = Sql.load("notification/oldest");
  private static final Sql DELIVERED = Sql.load("notification/delivered");
  private static final Sql LOCK_LANE = Sql.load("notification/lockLane");
  private static final Sql RELEASE = Sql.load("notification/release");
  private static final Sql BACKLOG = Sql.load("notification/backlog");
  private static final Sql FORGET = Sql.load("notification/forget");
  private static final int COUNTED_MAX = 100_000;
  private static final int FORGOTTEN_AT_ONCE = 1_000;

  private final Database database;

  public PostgresNotificationOutbox(Database database) {
    this.database = database;
  }

  @Override
  public int spread(List<Subscription> subscriptions, int events) {
    if (!database.read(PostgresNotificationOutbox::isAnythingToSpread)) {
      return 0;
    }
    return database.transact(connection -> {
      if (!mayIt(connection)) {
        return 0;
      }
      try (NamedStatement statement = NamedStatement.of(connection, SPREAD)) {
        ResultSet row =
            statement
                .texts("receivers", subscriptions.stream().map(Subscription::receiver).toList())
                .texts("kinds", subscriptions.stream().map(it -> it.kind() + ".%").toList())
                .integer("events", events)
                .run()
                .nextRows();
        row.next();
        return row.getInt("events");
      }
    });
  }

  private static boolean isAnythingToSpread(Connection connection) throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, TO_SPREAD)) {
      ResultSet row = statement.run().nextRows();
      return row.next() && row.getBoolean("waiting");
    }
  }

  private static boolean mayIt(Connection connection) throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, SPREAD_LOCK)) {
      ResultSet row = statement.run().nextRows();
      return row.next() && row.getBoolean("mine");
    }
  }

  @Override
  public List<String> due(int receivers) {
    return database.read(connection -> {
      try (NamedStatement statement = NamedStatement.of(connection, DUE)) {
        ResultSet row = statement.integer("receivers", receivers).run().nextRows();
        List<String> due = new ArrayList<>();
        while (row.next()) {
          due.add(row.getString("receiver"));
        }
        return due;
      }
    });
  }

  @Override
  public List<Lane> claim(String receiver, int lanes, Duration time) {
    return database.read(connection -> {
      try (NamedStatement statement = NamedStatement.of(connection, CLAIM)) {
        ResultSet row =
            statement
                .text("receiver", receiver)
                .integer("lanes", lanes)
                .bigint("claim_millis", time.toMillis())
                .run()
                .nextRows();
        List<Lane> claimed = new ArrayList<>();
        while (row.next()) {
          claimed.add(new Lane(receiver, workspaceId(row), row.getInt("failures")));
        }
        return claimed;
      }
    });
  }

  @Override
  public List<Event> oldest(Lane lane, int events, Duration keptFor) {
    return database.read(connection -> {
      try (NamedStatement statement = NamedStatement.of(connection, OLDEST)) {
        ResultSet row =
            of(statement, lane)
                .integer("events", events)
                .bigint("keep_seconds", keptFor.toSeconds())
                .run()
                .nextRows();
        List<Event> found = new ArrayList<>();
        while (row.next()) {
          found.add(event(row, lane));
        }
        return found;
      }
    });
  }

  private static Event event(ResultSet row, Lane lane) throws SQLException {
    return new Event(
        row.getLong("seq"),
        Objects.requireNonNull(row.getObject("event_id", UUID.class)),
        row.getString("type"),
        WorkspaceRows.requiredTime(row, "time"),
        row.getString("data"),
        row.getBoolean("too_old"),
        row.getString("cluster") == null
            ? Optional.empty()
            : Optional.of(
                new Subject(
                    lane.workspaceId(),
                    WorkspaceRows.identity(row),
                    Optional.ofNullable(row.getString("slug")))));
  }

  @Override
  public void delivered(Lane lane, List<Event> events) {
    database.read(connection -> {
      try (NamedStatement statement = NamedStatement.of(connection, DELIVERED)) {
        return of(statement, lane).bigints("seqs", events.stream().map(Event::seq).toList()).run();
      }
    });
  }

  @Override
  public void release(Lane lane, int failures, Duration wait) {
    database.transact(connection -> {
      try (NamedStatement locking = NamedStatement.of(connection, LOCK_LANE)) {
        of(locking, lane).run();
      }
      try (NamedStatement statement = NamedStatement.of(connection, RELEASE)) {
        return of(statement, lane)
            .integer("failures", failures)
            .bigint("wait_millis", wait.toMillis())
            .run();
      }
    });
  }

  @Override
  public Backlog backlog() {
    return database.read(connection -> {
      try (NamedStatement statement = NamedStatement.of(connection, BACKLOG)) {
        ResultSet row = statement.integer("most", COUNTED_MAX).run().nextRows();
        row.next();
        return new Backlog(
            row.getLong("waiting"), Duration.ofSeconds(row.getLong("oldest_seconds")));
      }
    });
  }

  @Override
  public void forget() {
    database.read(connection -> {
      try (NamedStatement statement = NamedStatement.of(connection, FORGET)) {
        return statement.integer("events", FORGOTTEN_AT_ONCE).run();
      }
    });
  }

  private static NamedStatement of(NamedStatement statement, Lane lane) throws SQLException {
    return statement.text("receiver", lane.receiver()).uuid("workspace_id", lane.workspaceId());
  }

  private static UUID workspaceId(ResultSet row) throws SQLException {
    return Objects.requireNonNull(row.getObject("workspace_id", UUID.class));
  }
}
