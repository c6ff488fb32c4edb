package dev.workspaceoperator.store;

import static dev.workspaceoperator.store.Manifests.budget;
import static dev.workspaceoperator.store.Manifests.fresh;
import static dev.workspaceoperator.store.Manifests.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.gate.Gate;
import dev.workspaceoperator.gate.GateSettings;
import dev.workspaceoperator.sql.Partitions;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.port.Actor;
import dev.workspaceoperator.workspace.port.IdempotencyKey;
import dev.workspaceoperator.workspace.port.OverrideStore.Draft;
import dev.workspaceoperator.workspace.port.RunDraft;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PartitionsStoreIT {
  private StoreFixture db;

  @BeforeEach
  void open() throws InterruptedException {
    db = StoreFixture.open();
  }

  @AfterEach
  void close() {
    db.close();
  }

  @Test
  void theMigrationMakesThoseOfTheFirstDays() throws SQLException {
    List<String> made = attached();
    assertThat(made).hasSize(8);
    String first = made.getFirst();
    db.clockAt(day(first) + "T23:59:59.999999Z");
    assertThat(db.partitions.makeAhead()).isZero();

    // Other tests may have begun the day before.
    db.clockAt(day(first).plusDays(1) + "T00:00:00Z");
    assertThat(db.partitions.makeAhead()).isEqualTo(1);
    assertThat(attached()).startsWith(made.toArray(String[]::new)).hasSize(9);
  }

  private static LocalDate day(String partition) {
    return LocalDate.parse(
        partition.substring(partition.length() - 8), DateTimeFormatter.BASIC_ISO_DATE);
  }

  @Test
  void areMadeAWeekAheadByOneOfManyProcesses() throws Exception {
    db.clockAt("2040-02-27T23:59:59Z");

    assertThat(fromFourThreads(db.partitions::makeAhead)).isEqualTo(8);

    assertThat(attached())
        .contains(
            "idempotency_key_20400227", "idempotency_key_20400229", "idempotency_key_20400305")
        .doesNotContain("idempotency_key_20400306");
  }

  @Test
  void areDroppedAfterTheirRetentionByOneOfManyProcesses() throws Exception {
    db.clockAt("2040-02-27T12:00:00Z");
    db.partitions.makeAhead();
    db.execute(
        "INSERT INTO idempotency_key VALUES (gen_random_uuid(), '2040-02-27', 'k', 'f', 'override',"
            + " gen_random_uuid(), now())");
    db.clockAt("2040-03-02T00:00:00Z");
    db.partitions.makeAhead();

    // The migration's, and 27 February of a leap year: the three days before 2 March are kept.
    assertThat(fromFourThreads(db.partitions::dropExpired) + db.partitions.dropExpired())
        .isEqualTo(8 + 1);

    assertThat(attached()).first().isEqualTo("idempotency_key_20400228");
    assertThat(db.query("SELECT count(*) FROM idempotency_key")).containsExactly("0");
  }

  /** As after a restore: they are made within seconds, so that trying again is right. */
  @Test
  void thatAreMissingAreToldAsAStoreThatIsAway() throws Exception {
    StoredWorkspace workspace = db.accept(next(fresh(), budget("5")));
    db.clockAt("2041-06-01T12:00:00Z");
    Draft override =
        new Draft(Setting.DAILY_BUDGET, 1, Instant.parse("2041-06-01T13:00:00Z"), "short");
    RunDraft run =
        new RunDraft(workspace.id(), "ada", 30, Optional.empty(), Map.of(), Optional.empty());

    assertThatExceptionOfType(StoreUnavailableException.class)
        .as("that of the override's key")
        .isThrownBy(() ->
            db.overrides.create(
                workspace.id(),
                override,
                Optional.of(new IdempotencyKey("k", "f")),
                new Actor("test", Optional.empty())));
    try (Gate gate = Gate.open(db.settings, GateSettings.STANDARD, new SimpleMeterRegistry())) {
      assertThatExceptionOfType(StoreUnavailableException.class)
          .as("that of the run")
          .isThrownBy(() -> gate.start(run));
    }
  }

  @Test
  void thatWereLeftDetachedAreDroppedToo() throws SQLException {
    db.clockAt("2040-02-27T12:00:00Z");
    db.partitions.makeAhead();
    db.execute("ALTER TABLE idempotency_key DETACH PARTITION idempotency_key_20400227");
    db.clockAt("2040-03-10T12:00:00Z");
    db.partitions.makeAhead();

    db.partitions.dropExpired();

    assertThat(db.query("SELECT to_regclass('idempotency_key_20400227') IS NULL"))
        .containsExactly("t");
  }

  @Test
  void ofATableWithAnotherNameAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Partitions(db.database, "x; DROP TABLE audit", 1));
  }

  @Test
  void housekeepingMakesThemAndEndsOverrides() throws SQLException {
    db.clockAt("2040-06-01T10:00:00Z");
    StoredWorkspace workspace = db.accept(next(fresh(), budget("5")));
    try (Housekeeping _ =
        Housekeeping.start(
            db.overrides,
            () -> {},
            List.of(db.partitions::makeAhead),
            List.of(db.partitions::dropExpired))) {
      await().until(() -> attached().contains("idempotency_key_20400608"));
      db.overrides.create(
          workspace.id(),
          new Draft(Setting.DAILY_BUDGET, 1, Instant.parse("2040-06-01T10:00:01Z"), "short"),
          Optional.empty(),
          new Actor("test", Optional.empty()));

      db.clockAt("2040-06-01T10:00:01Z");

      await()
          .untilAsserted(
              () -> assertThat(db.stored(workspace.identity()).layers().overrides()).isEmpty());
    }
  }

  private List<String> attached() throws SQLException {
    return db.query(
        "SELECT inhrelid::regclass::text FROM pg_inherits"
            + " WHERE inhparent = 'idempotency_key'::regclass ORDER BY 1");
  }

  private static int fromFourThreads(IntSupplier work) throws Exception {
    CyclicBarrier start = new CyclicBarrier(4);
    List<Future<Integer>> results = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 4; i++) {
        results.add(
            threads.submit(() -> {
              start.await();
              return work.getAsInt();
            }));
      }
    }
    int sum = 0;
    for (Future<Integer> result : results) {
      sum += result.get();
    }
    return sum;
  }
}
