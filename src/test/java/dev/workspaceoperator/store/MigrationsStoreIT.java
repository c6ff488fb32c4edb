package dev.workspaceoperator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.sql.DatabaseSettings;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class MigrationsStoreIT {
  @Test
  void bringsAnEmptyDatabaseUpToDateHoweverManyProcessesDoSoAtOnce() throws Exception {
    DatabaseSettings settings = DatabaseSettings.of(SharedDatabase.createEmpty());
    assertThat(new Migrations(settings).pending()).isPositive();
    List<Future<Boolean>> running = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      for (int i = 0; i < 3; i++) {
        running.add(
            threads.submit(() -> {
              new Migrations(settings).migrate(Duration.ofSeconds(10), _ -> {});
              return true;
            }));
      }
    }

    for (Future<Boolean> migration : running) {
      assertThat(migration.get()).isTrue();
    }
    assertThat(new Migrations(settings).pending()).isZero();
  }

  @Test
  void refusesASchemaThatIsNewerThanTheProgram() throws SQLException, InterruptedException {
    try (StoreFixture db = StoreFixture.open()) {
      db.execute(
          "INSERT INTO flyway_schema_history (installed_rank, version, description, type, script,"
              + " checksum, installed_by, execution_time, success)"
              + " VALUES (999, '999', 'later', 'SQL', 'V999__later.sql', 1, 'test', 1, true)");

      assertThatExceptionOfType(SchemaTooNewException.class)
          .isThrownBy(() -> new Migrations(db.settings).migrate(Duration.ofSeconds(5), _ -> {}))
          .withMessageContaining("999");
    }
  }

  @Test
  void leavesEveryTableAndEveryFunctionWithAComment() throws SQLException, InterruptedException {
    try (StoreFixture db = StoreFixture.open()) {
      assertThat(
              db.query(
                  "SELECT relname FROM pg_class c WHERE relkind IN ('r', 'p')"
                      + " AND relnamespace = 'public'::regnamespace"
                      + " AND relname <> 'flyway_schema_history'"
                      + " AND obj_description(oid, 'pg_class') IS NULL"
                      + " UNION ALL SELECT proname FROM pg_proc"
                      + " WHERE pronamespace = 'public'::regnamespace"
                      + " AND obj_description(oid, 'pg_proc') IS NULL"))
          .isEmpty();
    }
  }
}
