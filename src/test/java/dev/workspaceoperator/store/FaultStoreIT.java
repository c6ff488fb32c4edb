package dev.workspaceoperator.store;

import static dev.workspaceoperator.store.Manifests.budget;
import static dev.workspaceoperator.store.Manifests.fresh;
import static dev.workspaceoperator.store.Manifests.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.workspaceoperator.env.EmbeddedDatabase;
import dev.workspaceoperator.sql.ConnectionSource;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.SettingsPatch;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.port.Actor;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import dev.workspaceoperator.workspace.port.SyncOutcome;
import dev.workspaceoperator.workspace.port.WorkspaceChanges;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What a crash of PostgreSQL leaves behind, and how callers hear of it. */
class FaultStoreIT {
  private static final Actor ACTOR = new Actor("api-key ci", Optional.empty());

  @TempDir private static Path directory;

  private static EmbeddedDatabase server;
  private static StoreFixture db;

  @BeforeAll
  static void open() throws InterruptedException {
    server = EmbeddedDatabase.start(directory.resolve("postgres"), 0, System.err::println);
    new Migrations(DatabaseSettings.of(server.url()))
        .migrate(Duration.ofSeconds(10), System.err::println);
    db = StoreFixture.on(server.url());
  }

  @AfterAll
  static void close() {
    db.close();
    server.close();
  }

  @BeforeEach
  void beUp() throws InterruptedException {
    if (!server.isRunning()) {
      server.start();
    }
    await()
        .ignoreExceptionsInstanceOf(StoreUnavailableException.class)
        .until(() -> db.store.revisionsOfPresent(Manifests.CLUSTER) != null);
  }

  @Test
  void aCrashWhileASyncWaitsIsToldAsUnavailableAndLeavesNothing() throws Exception {
    Manifest manifest = fresh();
    StoredWorkspace before = db.accept(manifest);
    try (Connection blocker = ConnectionSource.forWork(db.settings).getConnection();
        ExecutorService threads = Executors.newSingleThreadExecutor()) {
      blocker.setAutoCommit(false);
      try (Statement statement = blocker.createStatement()) {
        statement.execute("SELECT 1 FROM workspace FOR UPDATE");
      }
      Future<SyncOutcome> sync =
          threads.submit(
              () -> db.store.sync(db.fence, next(manifest, budget("1")), State.PRESENT, 1));
      await()
          .until(() ->
              db.query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'").size()
                  == 1);
      server.kill();

      assertThatExceptionOfType(ExecutionException.class)
          .isThrownBy(sync::get)
          .withCauseInstanceOf(StoreUnavailableException.class);
    }
    server.start();

    assertThat(afterRestart(manifest)).isEqualTo(before);
  }

  @Test
  void aCrashBeforeTheCommitLeavesNothingHalfDone() throws Exception {
    Manifest manifest = fresh();
    StoredWorkspace before = db.accept(manifest);
    String chain = "SELECT count(*) FROM audit WHERE workspace_id = '%s'".formatted(before.id());

    assertThatExceptionOfType(StoreUnavailableException.class)
        .isThrownBy(() ->
            db.database.transact(connection -> {
              try (Statement statement = connection.createStatement()) {
                statement.execute("UPDATE workspace SET revision = revision + 1");
                server.kill();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return true;
            }));
    server.start();

    assertThat(afterRestart(manifest)).isEqualTo(before);
    assertThat(db.query(chain)).containsExactly(Long.toString(before.auditHead().seq()));
    assertThat(db.verifier.verifyAll().findings()).isEmpty();
  }

  @Test
  void whatWasAppliedOutlivesACrash() throws Exception {
    Manifest manifest = next(fresh(), budget("12.5"));
    StoredWorkspace accepted = db.accept(manifest);
    server.kill();
    server.start();

    assertThat(afterRestart(manifest)).isEqualTo(accepted);
  }

  @Test
  void aStoppedDatabaseIsToldAsUnavailableWithinAFewSeconds() throws Exception {
    server.stop();
    long start = System.nanoTime();

    assertThatExceptionOfType(StoreUnavailableException.class).isThrownBy(() -> db.gather(fresh()));
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
  }

  @Test
  void theFeedIsDownWhileTheDatabaseIsAndAsksToLookAtEverythingAfterwards() throws Exception {
    AtomicInteger resyncs = new AtomicInteger();
    try (ChangeFeed feed =
        ChangeFeed.start(db.settings, new CountingResyncs(resyncs), Clock.systemUTC())) {
      assertThat(feed.awaitUp(Duration.ofSeconds(10))).isTrue();
      server.stop();
      await().until(() -> !feed.isUp());
      assertThat(feed.downSince()).isPresent();
      assertThat(resyncs).hasValue(1);
      server.start();

      await().untilAtomic(resyncs, equalTo(2));
      assertThat(feed.isUp()).isTrue();
    }
  }

  @Test
  void theMigrationWaitsForADatabaseThatIsNotUpYet() throws Exception {
    server.stop();
    AtomicInteger lines = new AtomicInteger();
    try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
      Future<Boolean> migration =
          threads.submit(() -> {
            new Migrations(db.settings)
                .migrate(Duration.ofSeconds(30), _ -> lines.incrementAndGet());
            return true;
          });
      await().untilAtomic(lines, greaterThan(0));
      server.start();

      assertThat(migration.get()).isTrue();
    }
  }

  @Test
  void theMigrationGivesUpWhenItsPatienceIsOver() throws Exception {
    server.stop();

    assertThatExceptionOfType(StoreUnavailableException.class)
        .isThrownBy(() -> new Migrations(db.settings).migrate(Duration.ofSeconds(1), _ -> {}));
  }

  private static StoredWorkspace afterRestart(Manifest manifest) {
    return await()
        .ignoreExceptionsInstanceOf(StoreUnavailableException.class)
        .until(() -> db.stored(manifest.identity()), _ -> true);
  }

  @Test
  void aRequestHearsWithinTwoSecondsThatTheDatabaseIsGone() throws Exception {
    StoredWorkspace stored = db.accept(fresh());
    DatabaseSettings settings = db.settings.forRequests(Duration.ofSeconds(1));
    AuditChain chain = AuditChain.unkeyed();
    try (Database database = Database.open(settings);
        KillSwitchPools killSwitches = KillSwitchPools.open(settings);
        PostgresRuntimeSettings requests =
            new PostgresRuntimeSettings(database, killSwitches, chain, PlanDefaults.STANDARD)) {
      assertThat(requests.read(stored.id())).isPresent();
      server.kill();

      for (Executable request :
          List.<Executable>of(
              () -> requests.read(stored.id()),
              () -> requests.patch(stored.id(), new SettingsPatch(Map.of()), _ -> true, ACTOR),
              () -> requests.switchKill(stored.id(), false, Optional.empty(), ACTOR))) {
        assertTimeout(
            Duration.ofSeconds(2),
            () ->
                assertThatExceptionOfType(StoreUnavailableException.class)
                    .isThrownBy(request::execute));
      }
      server.start();
      await()
          .atMost(Duration.ofSeconds(20))
          .ignoreExceptionsInstanceOf(StoreUnavailableException.class)
          .until(() -> requests.read(stored.id()).isPresent());
    }
  }

  private record CountingResyncs(AtomicInteger resyncs) implements WorkspaceChanges {
    @Override
    public void changed(ResourceIdentity identity, long revision) {}

    @Override
    public void freed() {}

    @Override
    public void resync() {
      resyncs.incrementAndGet();
    }
  }
}
