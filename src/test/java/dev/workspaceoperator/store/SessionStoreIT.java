package dev.workspaceoperator.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.env.DistributionDatabase;
import dev.workspaceoperator.env.HostileDefaults;
import dev.workspaceoperator.sql.ConnectionSource;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.workspace.StoredWorkspace;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What sessions are set to, on a role all of whose defaults are hostile. */
class SessionStoreIT {
  private static String url = "";

  @BeforeAll
  static void open() throws InterruptedException, SQLException {
    Map<String, String> hostile = new HashMap<>(HostileDefaults.OF_MEANING);
    hostile.putAll(HostileDefaults.OF_PLANS);
    url = DistributionDatabase.create(hostile, "");
  }

  static Stream<Arguments> sources() {
    DatabaseSettings settings = DatabaseSettings.of(url);
    DatabaseSettings undone =
        settings.withUrl(
            url
                + "?options=-c%20search_path=pg_catalog%20-c%20statement_timeout=7%20-c%20default_transaction_isolation=serializable");
    return Stream.of(
        Arguments.of("work", ConnectionSource.forWork(settings)),
        Arguments.of("batches", ConnectionSource.forBatches(settings)),
        Arguments.of("audits", ConnectionSource.forAudits(settings)),
        Arguments.of("migrations", ConnectionSource.forLongWork(settings)),
        Arguments.of("listening", ConnectionSource.forListening(settings, Duration.ofSeconds(3))),
        Arguments.of("options in the URL", ConnectionSource.forWork(undone)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("sources")
  void noDefaultOfTheRoleIsLeft(String use, ConnectionSource source) throws SQLException {
    try (Connection connection = source.getConnection()) {
      Map<String, String> wanted = new TreeMap<>(source.session().exact());
      wanted.putAll(source.session().plans());
      wanted.keySet().removeIf(name -> !isKnown(connection, name));

      assertThat(inForce(connection, wanted)).isEqualTo(normalised(connection, wanted));
    }
  }

  @Test
  void everythingHostileOfMeaningIsAnswered() {
    assertThat(ConnectionSource.forWork(DatabaseSettings.of(url)).session().exact())
        .containsKeys(
            HostileDefaults.OF_MEANING.keySet().stream()
                // Only warns.
                .filter(name -> !name.equals("escape_string_warning"))
                .toArray(String[]::new));
  }

  @Test
  void migratesAndSyncs() throws InterruptedException, SQLException {
    DatabaseSettings settings = DatabaseSettings.of(url);
    new Migrations(settings).migrate(Duration.ofSeconds(10), System.err::println);

    assertThat(new Migrations(settings).pending()).isZero();
    try (StoreFixture db = StoreFixture.on(url)) {
      StoredWorkspace workspace = db.accept(Manifests.fresh());
      assertThat(db.verifier.verifyAll().findings()).isEmpty();
      assertThat(db.query("SELECT workspace_id FROM public.workspace"))
          .contains(workspace.id().toString());
      db.partitions.makeAhead();
    }
  }

  private static boolean isKnown(Connection connection, String name) {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT current_setting('%s', true) IS NOT NULL".formatted(name))) {
      return row.next() && row.getBoolean(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, String> inForce(Connection connection, Map<String, String> names)
      throws SQLException {
    Map<String, String> values = new TreeMap<>();
    for (String name : names.keySet()) {
      values.put(name, one(connection, "SELECT current_setting('%s')".formatted(name)));
    }
    return values;
  }

  /** As PostgreSQL prints them, units and all. */
  private static Map<String, String> normalised(Connection connection, Map<String, String> wanted)
      throws SQLException {
    Map<String, String> values = new TreeMap<>();
    for (Map.Entry<String, String> setting : wanted.entrySet()) {
      values.put(
          setting.getKey(),
          one(
              connection,
              "SELECT set_config('%s', '%s', true)"
                  .formatted(setting.getKey(), setting.getValue())));
    }
    return values;
  }

  private static String one(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
