package dev.workspaceoperator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import dev.workspaceoperator.env.DistributionDatabase;
import dev.workspaceoperator.env.HostileDefaults;
import dev.workspaceoperator.env.Pgbouncer;
import dev.workspaceoperator.sql.ConnectionSource;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.workspace.StoredWorkspace;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** By way of a real PgBouncer in transaction mode, as a role with hostile defaults. */
class PoolerStoreIT {
  @TempDir private static Path directory;
  private static String direct = "";
  private static Pgbouncer pooler;
  private static DatabaseSettings pooled;

  @BeforeAll
  static void open() throws InterruptedException, SQLException {
    direct = DistributionDatabase.create(HostileDefaults.OF_MEANING, "");
    new Migrations(DatabaseSettings.of(direct))
        .migrate(Duration.ofSeconds(10), System.err::println);
    pooler = Pgbouncer.start(directory.resolve("a"), direct, Map.of(), System.err::println);
    pooled = DatabaseSettings.of(pooler.inFrontOf(direct));
  }

  @AfterAll
  static void close() {
    pooler.close();
  }

  @Test
  void eachTransactionSetsWhatItReliesOnAndLeavesNothing() throws SQLException {
    try (Connection connection = ConnectionSource.forWork(pooled).getConnection()) {
      Map<String, String> before = settings(connection);
      for (Sql first : List.of(new Sql("SELECT 1", List.of()), Sql.ONE_SNAPSHOT)) {
        connection.setAutoCommit(false);
        try (NamedStatement call = NamedStatement.of(connection, first)) {
          call.run();
        }
        Map<String, String> within = settings(connection);
        assertThat(within)
            .containsEntry(
                "transaction_isolation",
                first.equals(Sql.ONE_SNAPSHOT) ? "repeatable read" : "read committed")
            .containsEntry("transaction_read_only", first.equals(Sql.ONE_SNAPSHOT) ? "on" : "off")
            .containsEntry("search_path", "public, pg_temp")
            .containsEntry("statement_timeout", "10s")
            .containsEntry("lock_timeout", "5s")
            .containsEntry("idle_in_transaction_session_timeout", "20s")
            .containsEntry("synchronous_commit", "on")
            .containsEntry("row_security", "off")
            .containsEntry("TimeZone", "UTC")
            .containsEntry("array_nulls", "on")
            .containsEntry("jit", "off");
        connection.commit();
        connection.setAutoCommit(true);
        assertThat(settings(connection)).isEqualTo(before);
      }
    }
  }

  @Test
  void aStatementOfItsOwnIsBoundedToo() throws SQLException {
    try (Connection connection = ConnectionSource.forWork(pooled).getConnection();
        NamedStatement call =
            NamedStatement.of(
                connection,
                new Sql(
                    "SELECT current_setting('statement_timeout') AS timeout FROM pg_sleep(?)",
                    List.of("seconds")))) {
      ResultSet row = call.integer("seconds", 0).run().nextRows();
      assertThat(row.next()).isTrue();
      assertThat(row.getString("timeout")).isEqualTo("10s");
    }
  }

  @Test
  void aStatementOfItsOwnThatFailsLeavesItsConnectionInOrder() throws SQLException {
    Sql failing = new Sql("SELECT 1 / ?::integer AS one", List.of("by"));
    try (Connection connection = ConnectionSource.forWork(pooled).getConnection()) {
      for (int by = 0; by <= 1; by++) {
        try (NamedStatement call = NamedStatement.of(connection, failing)) {
          ResultSet row = call.integer("by", by).run().nextRows();
          assertThat(row.next()).isTrue();
          assertThat(by).isOne();
        } catch (SQLException e) {
          assertThat(e.getSQLState()).isEqualTo("22012");
        }
      }
    }
  }

  @Test
  void theStoreWorksAndItsAuditLeavesNothing() throws SQLException {
    try (StoreFixture db = StoreFixture.on(pooled.url())) {
      StoredWorkspace workspace = db.accept(Manifests.fresh());
      assertThat(db.registry.list()).extracting(StoredWorkspace::id).contains(workspace.id());
      assertThat(db.verifier.verifyAll().findings()).isEmpty();
      db.partitions.makeAhead();
    }
    try (Connection stranger = ConnectionSource.forWork(pooled).bare()) {
      assertThat(settings(stranger))
          .containsEntry("transaction_isolation", "repeatable read")
          .containsEntry("search_path", "elsewhere");
    }
  }

  @Test
  void whatNeedsASessionOfItsOwnIsNotStartedThroughIt() {
    assertThatNoException().isThrownBy(() -> DatabaseCheck.require(pooled));
    assertThatExceptionOfType(UnfitDatabaseException.class)
        .isThrownBy(
            () -> new Migrations(pooled).migrate(Duration.ofSeconds(10), System.err::println))
        .withMessageContaining("--database-listen-url");
  }

  @Test
  void aPoolerThatGivesASessionToEachClientServesForEverything() throws Exception {
    String database = DistributionDatabase.create(HostileDefaults.OF_MEANING, "");
    Pgbouncer session =
        Pgbouncer.start(
            directory.resolve("b"), database, Map.of("pool_mode", "session"), System.err::println);
    try (session) {
      DatabaseSettings settings = DatabaseSettings.of(session.inFrontOf(database));
      new Migrations(settings).migrate(Duration.ofSeconds(10), System.err::println);
      assertThat(new Migrations(DatabaseSettings.of(database)).pending()).isZero();
    }
  }

  @Test
  void preparedStatementsAreUsedOnlyWhereThePoolerKeepsTrackOfThem() throws Exception {
    Pgbouncer tracking =
        Pgbouncer.tracksStatements()
            ? Pgbouncer.start(
                directory.resolve("c"),
                direct,
                Map.of("max_prepared_statements", "100"),
                System.err::println)
            : pooler;
    DatabaseSettings settings =
        DatabaseSettings.of(tracking.inFrontOf(direct) + "?prepareThreshold=3");
    try {
      if (tracking == pooler) {
        assertThatExceptionOfType(UnfitDatabaseException.class)
            .isThrownBy(() -> DatabaseCheck.require(settings))
            .withMessageContaining("leave prepareThreshold out");
      } else {
        assertThatNoException().isThrownBy(() -> DatabaseCheck.require(settings));
      }
    } finally {
      if (tracking != pooler) {
        tracking.close();
      }
    }
  }

  @Test
  void optionsThatThePoolerRefusesAreToldAndNotWaitedFor() {
    assertThatExceptionOfType(UnfitDatabaseException.class)
        .isThrownBy(() ->
            DatabaseCheck.await(
                pooled.withUrl(pooled.url() + "?options=-c%20work_mem=8MB"),
                Duration.ofMinutes(1),
                System.err::println))
        .withMessageContaining("leave options out of the database URL");
  }

  private static Map<String, String> settings(Connection connection) throws SQLException {
    Map<String, String> settings = new TreeMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT name, current_setting(name) FROM pg_settings")) {
      while (rows.next()) {
        settings.put(rows.getString(1), rows.getString(2));
      }
    }
    settings.remove("in_hot_standby");
    return settings;
  }
}
