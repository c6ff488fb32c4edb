package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.ConnectionSource;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Consumer;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationVersion;

/**
 * Brings the schema up to this program's version. Any number of processes may do so at once: Flyway
 * lets one after the other, under an advisory lock.
 */
public final class Migrations {
  private final DatabaseSettings settings;

  public Migrations(DatabaseSettings settings) {
    this.settings = settings;
  }

  /**
   * Waits for the database, then migrates it.
   *
   * @param patience how long to wait for a database that is not up yet
   * @param progress told what is going on, one line at a time
   * @throws StoreUnavailableException if the database is not there in time
   * @throws UnfitDatabaseException if something is wrong with it; nothing is written then
   * @throws SchemaTooNewException if a newer program has migrated it; nothing is written then
   */
  public void migrate(Duration patience, Consumer<String> progress) throws InterruptedException {
    if (DatabaseCheck.await(
        settings,
        ConnectionSource.forWork(settings),
        DatabaseCheck.Session.OWN,
        patience,
        progress,
        SchemaHistory::isCurrent)) {
      return;
    }
    Flyway flyway = flyway();
    refuseNewerSchema(flyway);
    int applied = flyway.migrate().migrationsExecuted;
    if (applied > 0) {
      progress.accept("database schema: %d migration(s) applied".formatted(applied));
    }
  }

  /** How many migrations of this program the database lacks; errors as {@link #migrate}. */
  public int pending() {
    try (Connection _ = ConnectionSource.forWork(settings).getConnection()) {
      Flyway flyway = flyway();
      refuseNewerSchema(flyway);
      return flyway.info().pending().length;
    } catch (SQLException e) {
      throw Database.translated(e);
    }
  }

  private Flyway flyway() {
    return Flyway.configure(Migrations.class.getClassLoader())
        .dataSource(ConnectionSource.forLongWork(settings))
        .locations("classpath:db/migration")
        .failOnMissingLocations(true)
        .validateMigrationNaming(true)
        .cleanDisabled(true)
        .load();
  }

  private static void refuseNewerSchema(Flyway flyway) {
    Arrays.stream(flyway.info().all())
        .filter(migration -> migration.getState().isApplied() && !migration.getState().isResolved())
        .map(MigrationInfo::getVersion)
        .filter(version -> version != null)
        .max(MigrationVersion::compareTo)
        .ifPresent(found -> {
          String known =
              Arrays.stream(flyway.info().all())
                  .filter(migration -> migration.getState().isResolved())
                  .map(MigrationInfo::getVersion)
                  .filter(version -> version != null)
                  .max(MigrationVersion::compareTo)
                  .map(MigrationVersion::getVersion)
                  .orElse("0");
          throw new SchemaTooNewException(found.getVersion(), known);
        });
  }
}
