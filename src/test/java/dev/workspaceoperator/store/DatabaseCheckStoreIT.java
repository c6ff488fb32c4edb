package dev.workspaceoperator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import dev.workspaceoperator.env.DistributionDatabase;
import dev.workspaceoperator.sql.ConnectionSource;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong with a database, told before it is used, with what mends it. */
class DatabaseCheckStoreIT {
  private static final String SAFE_LOCALE = "TEMPLATE template0 LOCALE 'C' ENCODING ";

  @ParameterizedTest
  @ValueSource(strings = {"SQL_ASCII", "LATIN1", "EUC_JP"})
  void anEncodingThatCannotHoldEveryNameIsRefused(String encoding)
      throws InterruptedException, SQLException {
    String url = DistributionDatabase.create(Map.of(), SAFE_LOCALE + "'" + encoding + "'");

    refused(url, encoding, "ENCODING 'UTF8' LOCALE 'C'");
  }

  @Test
  void theCommandThatIsToldForTheEncodingWorks() throws InterruptedException, SQLException {
    String url = DistributionDatabase.create(Map.of(), SAFE_LOCALE + "'SQL_ASCII'");

    String told = String.valueOf(refused(url, "CREATE DATABASE").getMessage());
    DistributionDatabase.get()
        .execute(
            "postgres",
            told.substring(told.indexOf("CREATE DATABASE"), told.indexOf(", and name that")));

    migrate(url + "_utf8");
  }

  @Test
  void aRoleThatMayNotMakeTablesIsRefusedUntilItMay() throws InterruptedException, SQLException {
    String url = DistributionDatabase.create(Map.of(), "");
    String name = name(url);
    DistributionDatabase.get()
        .execute("postgres", "ALTER DATABASE %s OWNER TO CURRENT_USER".formatted(name));

    refused(url, "GRANT USAGE, CREATE ON SCHEMA public TO \"%s\"".formatted(name));

    DistributionDatabase.get()
        .execute(name, "GRANT USAGE, CREATE ON SCHEMA public TO \"%s\"".formatted(name));
    migrate(url);
  }

  @Test
  void tablesThatBelongToAnotherRoleAreRefusedAndMendedByTheCommandsThatAreTold()
      throws InterruptedException, SQLException {
    String url = DistributionDatabase.create(Map.of(), "");
    String admin = DistributionDatabase.get().url(name(url));
    migrate(admin);

    UnfitDatabaseException refused = refused(url, "is not the owner of");

    String told = String.valueOf(refused.getMessage());
    DistributionDatabase.get().execute(name(url), told.substring(told.indexOf(" ALTER TABLE")));
    assertThatNoException().isThrownBy(() -> DatabaseCheck.require(DatabaseSettings.of(url)));
  }

  @Test
  void everyTableOfTheSchemaIsLookedAt() throws InterruptedException, SQLException {
    String url = DistributionDatabase.create(Map.of(), "");
    migrate(DistributionDatabase.get().url(name(url)));

    try (Database admin =
        Database.open(DatabaseSettings.of(DistributionDatabase.get().url(name(url))))) {
      String tables =
          admin.read(connection -> {
            try (var statement = connection.createStatement();
                var row =
                    statement.executeQuery(
                        "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                            + " AND relkind IN ('r', 'p')")) {
              row.next();
              return row.getString(1);
            }
          });
      refused(url, "is not the owner of %s of the tables".formatted(tables));
    }
  }

  @Test
  void aMissingSchemaAndTablesInAnotherAreTold() throws InterruptedException, SQLException {
    String url = DistributionDatabase.create(Map.of(), "");
    migrate(url);
    DistributionDatabase.get().execute(name(url), "ALTER SCHEMA public RENAME TO other");

    refused(url, "CREATE SCHEMA public AUTHORIZATION", "ALTER SCHEMA other RENAME TO public");
  }

  @Test
  void commitsThatMayBeLostAreRefusedUnlessAccepted() throws InterruptedException, SQLException {
    String url = DistributionDatabase.create(Map.of("synchronous_commit", "off"), "");
    DatabaseSettings settings = DatabaseSettings.of(url);

    refused(url, "ALTER ROLE \"%s\" SET synchronous_commit = on".formatted(name(url)));
    refused(
        DistributionDatabase.create(Map.of(), "") + "?options=-c%20synchronous_commit=off",
        "leave it out of options");

    assertThatNoException()
        .isThrownBy(() -> DatabaseCheck.require(settings.withDurabilityAsConfigured()));
    assertThat(commits(settings)).isEqualTo("on");
    assertThat(commits(settings.withDurabilityAsConfigured())).isEqualTo("off");
  }

  @Test
  void aDatabaseThatIsNotThereIsToldAtOnce() throws InterruptedException, SQLException {
    refused(DistributionDatabase.create(Map.of(), "") + "_not", "CREATE DATABASE");
  }

  private static String commits(DatabaseSettings settings) throws SQLException {
    try (var connection = ConnectionSource.forWork(settings).getConnection();
        var statement = connection.createStatement();
        var row = statement.executeQuery("SHOW synchronous_commit")) {
      row.next();
      return row.getString(1);
    }
  }

  private static UnfitDatabaseException refused(String url, String... parts) {
    UnfitDatabaseException refused =
        assertThatExceptionOfType(UnfitDatabaseException.class)
            .isThrownBy(() -> migrate(url))
            .actual();
    assertThat(refused).hasMessageContainingAll(parts);
    assertThat(refused).hasMessageNotContaining(":" + name(url) + "@");
    return refused;
  }

  private static void migrate(String url) throws InterruptedException {
    new Migrations(DatabaseSettings.of(url)).migrate(Duration.ofSeconds(10), System.err::println);
  }

  private static String name(String url) {
    return url.substring(url.lastIndexOf('/') + 1).replaceFirst("\\?.*", "");
  }
}
