package dev.workspaceoperator.sql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Keeps the partitions of tables that have one a UTC day: makes those of the next days, and drops
 * those whose retention has ended. Any number of processes may do so at once. Neither keeps readers
 * and writers waiting: a partition is made apart and attached, and detached before it is dropped.
 */
public final class Partitions {
  private static final Sql MAKE = Sql.load("partitions/make");
  private static final Sql LOCK = Sql.load("partitions/lock");
  private static final Sql EXPIRED = Sql.load("partitions/expired");
  private static final Sql EXPIRED_RUNS = Sql.load("partitions/expiredRuns");
  private static final Pattern NAME = Pattern.compile("[a-z_]+");
  private static final int DAYS_AHEAD = 7;

  /** How many days before today the runs that started then are kept, with their steps. */
  public static final int RUN_RETENTION_DAYS = 35;

  private final Database database;
  private final List<String> tables;
  private final int retentionDays;
  private final Sql expired;

  /**
   * The partitions of one table.
   *
   * @param table partitioned by range of a column of type date or of UUIDv7; a partition is named
   *     after the table and its day, {@code runs_20260131}
   * @param retentionDays how many days before today are kept
   */
  public Partitions(Database database, String table, int retentionDays) {
    this(database, List.of(table), retentionDays, EXPIRED);
  }

  private Partitions(Database database, List<String> tables, int retentionDays, Sql expired) {
    for (String table : tables) {
      if (!NAME.matcher(table).matches()) {
        throw new IllegalArgumentException("not a table's name: " + table);
      }
    }
    this.database = database;
    this.tables = List.copyOf(tables);
    this.retentionDays = retentionDays;
    this.expired = expired;
  }

  /** Runs, and what goes with them and therefore before them. */
  public static Partitions ofRuns(Database database) {
    return new Partitions(
        database, List.of("step", "run_day", "run"), RUN_RETENTION_DAYS, EXPIRED_RUNS);
  }

  /** Idempotency keys: unique for 72 hours, so that three days before today are looked at. */
  public static Partitions ofIdempotencyKeys(Database database) {
    return new Partitions(database, "idempotency_key", 3);
  }

  /**
   * Makes the partitions of today and the next 7 days, where they are missing.
   *
   * @return how many were made
   */
  public int makeAhead() {
    return tables.stream().mapToInt(this::makeAhead).sum();
  }

  private int makeAhead(String table) {
    return database.transact(connection -> {
      try (NamedStatement statement = NamedStatement.of(connection, MAKE)) {
        ResultSet row =
            statement.text("parent", table).integer("days_ahead", DAYS_AHEAD).run().nextRows();
        int made = 0;
        while (row.next()) {
          made += row.getBoolean("made") ? 1 : 0;
        }
        return made;
      }
    });
  }

  /**
   * Drops the partitions whose retention has ended, unless another process is at it. What a process
   * that died left half detached or detached is dropped too.
   *
   * @return how many were dropped
   */
  public int dropExpired() {
    return tables.stream().mapToInt(this::dropExpired).sum();
  }

  private int dropExpired(String table) {
    // The lock is held by one transaction while another connection works: DETACH … CONCURRENTLY
    // must not run in a transaction.
    return database.transact(holder -> {
      if (!lock(holder, table)) {
        return 0;
      }
      List<Expired> partitions = database.read(connection -> expired(connection, table));
      for (Expired partition : partitions) {
        drop(table, partition);
      }
      return partitions.size();
    });
  }

  private boolean lock(Connection connection, String table) throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, LOCK)) {
      ResultSet row = statement.text("parent", table).run().nextRows();
      return row.next() && row.getBoolean("mine");
    }
  }

  private List<Expired> expired(Connection connection, String table) throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, expired)) {
      ResultSet row =
          statement.text("parent", table).integer("retention_days", retentionDays).run().nextRows();
      List<Expired> partitions = new ArrayList<>();
      while (row.next()) {
        partitions.add(
            new Expired(
                row.getString("name"),
                row.getBoolean("attached"),
                row.getBoolean("half_detached")));
      }
      return partitions;
    }
  }

  private void drop(String table, Expired partition) {
    if (partition.attached()) {
      execute(
          "ALTER TABLE public.%s DETACH PARTITION public.%s %s"
              .formatted(
                  table, partition.name(), partition.halfDetached() ? "FINALIZE" : "CONCURRENTLY"));
    }
    execute("DROP TABLE public." + partition.name());
  }

  private void execute(String definition) {
    boolean _ =
        database.read(connection -> {
          try (Statement statement = connection.createStatement()) {
            return statement.execute(definition);
          }
        });
  }

  private record Expired(String name, boolean attached, boolean halfDetached) {}
}
