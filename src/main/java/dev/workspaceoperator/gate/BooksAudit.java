package dev.workspaceoperator.gate;

import dev.workspaceoperator.sql.ConnectionSource;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.Partitions;
import dev.workspaceoperator.sql.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Holds the sums of the books against the steps and runs that they stand for (I1, I2 and I4 of
 * design.md §7), in one snapshot of a live database. Reads only.
 */
public final class BooksAudit {
  private static final Sql AUDIT_BOOKS = Sql.load("gate/auditBooks");
  private static final int ALL = Integer.MAX_VALUE;

  private final ConnectionSource source;

  public BooksAudit(DatabaseSettings settings) {
    this.source = ConnectionSource.forAudits(settings);
  }

  /** What disagrees, by workspace; empty if the books are true. */
  public List<Disagreement> run() {
    return run(ALL).shown();
  }

  /**
   * Looks at everything.
   *
   * @param shown how many of the sums that disagree are named
   * @throws dev.workspaceoperator.workspace.port.StoreUnavailableException if the database cannot
   *     be reached
   * @throws dev.workspaceoperator.sql.SchemaMissingException if it has no books
   */
  public Report run(int shown) {
    try (Connection connection = source.getConnection()) {
      connection.setAutoCommit(false);
      try (NamedStatement statement = NamedStatement.of(connection, Sql.ONE_SNAPSHOT)) {
        statement.run();
      }
      Report report = audit(connection, shown);
      connection.rollback();
      return report;
    } catch (SQLException e) {
      throw Database.translated(e);
    }
  }

  private static Report audit(Connection connection, int shown) throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, AUDIT_BOOKS)) {
      ResultSet row =
          statement
              .integer("retention_days", Partitions.RUN_RETENTION_DAYS)
              .integer("shown", shown)
              .run()
              .nextRows();
      List<Disagreement> disagreements = new ArrayList<>();
      if (!row.next()) {
        throw new IllegalStateException("the audit of the books has no answer");
      }
      Scope scope =
          new Scope(
              Objects.requireNonNull(row.getObject("first_day", LocalDate.class)),
              row.getLong("workspaces"),
              row.getLong("runs"),
              row.getLong("steps"));
      long count = row.getLong("disagreements");
      do {
        @Nullable String invariant = row.getString("invariant");
        if (invariant != null) {
          disagreements.add(disagreement(row, invariant));
        }
      } while (row.next());
      return new Report(scope, count, disagreements);
    }
  }

  private static Disagreement disagreement(ResultSet row, String invariant) throws SQLException {
    return new Disagreement(
        invariant,
        WorkspaceBatchRows.uuid(row, "workspace_id"),
        row.getString("place"),
        row.getString("booked"),
        row.getString("counted"));
  }

  /**
   * What was looked at.
   *
   * @param firstDay the first UTC day that was counted step by step; of earlier ones the sums of
   *     workspaces were held against those of their users
   */
  public record Scope(LocalDate firstDay, long workspaces, long runs, long steps) {}

  /**
   * What was found.
   *
   * @param disagreements how many sums disagree
   * @param shown the first of them, by workspace
   */
  public record Report(Scope scope, long disagreements, List<Disagreement> shown) {
    public Report {
      shown = List.copyOf(shown);
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
