package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.ReceiverJson;
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
  private static final Sql CLAIM_OF_WORKSPACES = Sql.load("notification/claimOfWorkspaces");
  private static final Sql DELIVERED = Sql.load("notification/delivered");
  private static final Sql LOCK_LANE = Sql.load("notification/lockLane");
  private static final Sql RELEASE_EMPTY = Sql.load("notification/releaseEmpty");
  private static final Sql RELEASE =
      Sql.pipeline(LOCK_LANE, RELEASE_EMPTY, Sql.load("notification/release"), Sql.COMMIT);
  private static final Sql DROP =
      Sql.pipeline(LOCK_LANE, Sql.load("notification/dropDeliveries"), RELEASE_EMPTY, Sql.COMMIT);
  private static final Sql BACKLOG = Sql.load("notification/backlog");
  private static final List<Sql> FORGET =
      List.of(Sql.load("notification/forget"), Sql.load("notification/forgetOnce"));
  private static final Sql FORGET_LANES = Sql.load("notification/forgetLanes");
  private static final String OF_WORKSPACE = "workspace/";
  private static final int COUNTED_MAX = 100_000;
  private static final int FORGOTTEN_AT_ONCE = 1_000;

  /** Most that waits for one receiver of a workspace. */
  static final int OF_WORKSPACE_MAX = 1_000;

  private final Database database;

  public PostgresNotificationOutbox(Database database) {
    this.database = database;
  }

  @Override
  public Spread spread(List<Subscription> subscriptions, List<KeyRight> keyRights, int events) {
    if (!database.read(PostgresNotificationOutbox::isAnythingToSpread)) {
      return new Spread(0, 0);
    }
    return database.transact(connection -> {
      if (!mayIt(connection)) {
        return new Spread(0, 0);
      }
      try (NamedStatement statement = NamedStatement.of(connection, SPREAD)) {
        ResultSet row =
            statement
                .texts("receivers", subscriptions.stream().map(Subscription::receiver).toList())
                .texts("kinds", subscriptions.stream().map(it -> it.kind() + ".%").toList())
                .texts("keys", keyRights.stream().map(KeyRight::key).toList())
                .texts("clusters", keyRights.stream().map(KeyRight::cluster).toList())
                .texts("namespaces", keyRights.stream().map(KeyRight::namespace).toList())
                .integer("events", events)
                .integer("own_most", OF_WORKSPACE_MAX)
                .run()
                .nextRows();
        row.next();
        return new Spread(row.getInt("events"), row.getInt("dropped"));
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
  public List<String> due(List<String> receivers) {
    return database.read(connection -> {
      try (NamedStatement statement = NamedStatement.of(connection, DUE)) {
        ResultSet row = statement.texts("receivers", receivers).run().nextRows();
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
          claimed.add(lane(row));
        }
        return claimed;
      }
    });
  }

  @Override
  public List<WorkspaceLane> claimOfWorkspaces(Health health, int lanes, Duration time) {
    return database.read(connection -> {
      try (NamedStatement statement = NamedStatement.of(connection, CLAIM_OF_WORKSPACES)) {
        ResultSet row =
            statement
                .flag("failing", health == Health.FAILING)
                .integer("lanes", lanes)
                .bigint("claim_millis", time.toMillis())
                .run()
                .nextRows();
        List<WorkspaceLane> claimed = new ArrayList<>();
        while (row.next()) {
          Lane lane = lane(row);
          claimed.add(
              new WorkspaceLane(
                  lane,
                  WorkspaceRows.identity(row),
                  ReceiverJson.read(row.getString("declared_notifications")).stream()
                      .filter(receiver -> lane.receiver().equals(OF_WORKSPACE + receiver.name()))
                      .findFirst()));
        }
        return claimed;
      }
    });
  }

  private static Lane lane(ResultSet row) throws SQLException {
    return new Lane(
        row.getString("receiver"),
        Objects.requireNonNull(row.getObject("workspace_id", UUID.class)),
        row.getInt("failures"),
        WorkspaceRows.requiredTime(row, "due_at"));
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
  public boolean delivered(Lane lane, List<Event> events) {
    return database.read(connection -> {
      try (NamedStatement statement = NamedStatement.of(connection, DELIVERED)) {
        return held(statement, lane)
            .bigints("seqs", events.stream().map(Event::seq).toList())
            .run()
            .nextRows()
            .next();
      }
    });
  }

  @Override
  public void release(Lane lane, int failures, Duration wait) {
    boolean _ =
        database.transact(connection -> {
          try (NamedStatement statement = NamedStatement.of(connection, RELEASE)) {
            held(statement, lane)
                .integer("failures", failures)
                .bigint("wait_millis", wait.toMillis())
                .run();
            return true;
          }
        });
  }

  @Override
  public void drop(Lane lane) {
    boolean _ =
        database.transact(connection -> {
          try (NamedStatement statement = NamedStatement.of(connection, DROP)) {
            held(statement, lane).integer("failures", 0).run();
            return true;
          }
        });
  }

  @Override
  public Backlog backlog(List<String> receivers) {
    return database.read(connection -> {
      try (NamedStatement statement = NamedStatement.of(connection, BACKLOG)) {
        ResultSet row =
            statement.texts("receivers", receivers).integer("most", COUNTED_MAX).run().nextRows();
        row.next();
        return new Backlog(
            Math.min(row.getLong("waiting"), COUNTED_MAX),
            Duration.ofSeconds(row.getLong("oldest_seconds")));
      }
    });
  }

  @Override
  public boolean forget(List<String> receivers) {
    boolean more = false;
    for (Sql statement : FORGET) {
      more |= database.read(connection -> forget(connection, statement)) == FORGOTTEN_AT_ONCE;
    }
    boolean _ =
        database.read(connection -> {
          try (NamedStatement statement = NamedStatement.of(connection, FORGET_LANES)) {
            statement.texts("receivers", receivers).integer("lanes", FORGOTTEN_AT_ONCE).run();
            return true;
          }
        });
    return more;
  }

  private static int forget(Connection connection, Sql forgetting) throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, forgetting)) {
      ResultSet row = statement.integer("events", FORGOTTEN_AT_ONCE).run().nextRows();
      row.next();
      return row.getInt("events");
    }
  }

  private static NamedStatement of(NamedStatement statement, Lane lane) throws SQLException {
    return statement.text("receiver", lane.receiver()).uuid("workspace_id", lane.workspaceId());
  }

  private static NamedStatement held(NamedStatement statement, Lane lane) throws SQLException {
    return of(statement, lane).time("held_until", lane.heldUntil());
  }
}
