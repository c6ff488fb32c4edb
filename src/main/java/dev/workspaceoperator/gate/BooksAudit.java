package dev.workspaceoperator.gate;

import dev.workspaceoperator.store.Call;
import dev.workspaceoperator.store.ConnectionSource;
import dev.workspaceoperator.store.Database;
import dev.workspaceoperator.store.DatabaseSettings;
import dev.workspaceoperator.store.Partitions;
import dev.workspaceoperator.store.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Holds the sums of the books against the steps and runs that they stand for (I1, I2 and I4 of
 * design.md §7), in one snapshot of a live database. Reads only.
 */
public final class BooksAudit {
  private static final Sql AUDIT_BOOKS = Sql.load("gate/auditBooks");
  private static final Sql CLOCK = Sql.load("gate/clock");

  private final ConnectionSource source;

  public BooksAudit(DatabaseSettings settings) {
    this.source = ConnectionSource.forLongWork(settings);
  }

  /** What disagrees, by workspace; empty if the books are true. */
  public List<Disagreement> run() {
    try (Connection connection = source.getConnection()) {
      connection.setReadOnly(true);
      connection.setAutoCommit(false);
      List<Disagreement> disagreements = audit(connection);
      connection.rollback();
      return disagreements;
    } catch (SQLException e) {
      throw Database.translated(e);
    }
  }

  private static List<Disagreement> audit(Connection connection) throws SQLException {
    LocalDate firstDay = today(connection).minusDays(Partitions.RUN_RETENTION_DAYS);
    try (Call call = Call.of(connection, AUDIT_BOOKS)) {
      ResultSet row = call.date("first_day", firstDay).run().nextRows();
      List<Disagreement> disagreements = new ArrayList<>();
      while (row.next()) {
        disagreements.add(
            new Disagreement(
                row.getString("invariant"),
                SheetRows.uuid(row, "workspace_id"),
                row.getString("place"),
                row.getString("booked"),
                row.getString("counted")));
      }
      return disagreements;
    }
  }

  private static LocalDate today(Connection connection) throws SQLException {
    try (Call call = Call.of(connection, CLOCK)) {
      ResultSet row = call.run().nextRows();
      row.next();
      return LocalDate.ofInstant(SheetRows.instant(row, "now"), ZoneOffset.UTC);
    }
  }

  /**
   * A sum that is not what it stands for.
   *
   * @param invariant {@code I1}, {@code I2} or {@code I4}
   * @param workspaceId whose books
   * @param place which sum
   * @param booked what the books say, in micro-USD or runs
   * @param counted what the steps or runs add up to
   */
  public record Disagreement(
      String invariant, UUID workspaceId, String place, String booked, String counted) {
    /** For people. */
    public String sentence() {
      return "%s is broken in workspace %s, %s: the books say %s, and counting says %s."
          .formatted(invariant, workspaceId, place, booked, counted);
    }
  }
}
