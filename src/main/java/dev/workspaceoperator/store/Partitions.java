package dev.workspaceoperator.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Keeps the partitions of a table that has one a UTC day: makes those of the next days, and drops
 * those whose retention has ended. Any number of processes may do so at once. Neither keeps readers
 * and writers waiting: a partition is made apart and attached, and detached before it is dropped.
 */
public final class Partitions {
  private static final Sql MAKE = Sql.load("partitions/make");
  private static final Sql LOCK = Sql.load("partitions/lock");
  private static final Sql EXPIRED = Sql.load("partitions/expired");
  private static final Pattern NAME = Pattern.compile("[a-z_]+");
  private static final int DAYS_AHEAD = 7;

  private final Database database;
  private final String table;
  private final int retentionDays;

  /**
   * The partitions of one table.
   *
   * @param table partitioned by range of a column of type date; a partition is named after the
   *     table and its day, {@code runs_20260131}
   * @param retentionDays how many days before today are kept
   */
  public Partitions(Database database, String table, int retentionDays) {
    if (!NAME.matcher(table).matches()) {
      throw new IllegalArgumentException("not a table's name: " + table);
    }
    this.database = database;
    this.table = table;
    this.retentionDays = retentionDays;
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
    return database.transact(connection -> {
      try (Call call = Call.of(connection, MAKE)) {
        ResultSet row =
            call.text("parent", table).integer("days_ahead", DAYS_AHEAD).run().nextRows();
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
    // The lock is held by one transaction while another connection works: DETACH … CONCURRENTLY
    // must not run in a transaction.
    return database.transact(holder -> {
      if (!lock(holder)) {
        return 0;
      }
      List<Expired> expired = database.read(this::expired);
      for (Expired partition : expired) {
        drop(partition);
      }
      return expired.size();
    });
  }

  private boolean lock(Connection connection) throws SQLException {
    try (Call call = Call.of(connection, LOCK)) {
      ResultSet row = call.text("parent", table).run().nextRows();
      return row.next() && row.getBoolean("mine");
    }
  }

  private List<Expired> expired(Connection connection) throws SQLException {
    try (Call call = Call.of(connection, EXPIRED)) {
      ResultSet row =
          call.text("parent", table).integer("retention_days", retentionDays).run().nextRows();
      List<Expired> expired = new ArrayList<>();
      while (row.next()) {
        expired.add(
            new Expired(
                row.getString("name"),
                row.getBoolean("attached"),
                row.getBoolean("half_detached")));
      }
      return expired;
    }
  }

  private void drop(Expired partition) {
    if (partition.attached()) {
      execute(
          "ALTER TABLE %s DETACH PARTITION %s %s"
              .formatted(
                  table, partition.name(), partition.halfDetached() ? "FINALIZE" : "CONCURRENTLY"));
    }
    execute("DROP TABLE " + partition.name());
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
