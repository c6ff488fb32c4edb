package dev.workspaceoperator.store;

import static dev.workspaceoperator.store.Manifests.budget;
import static dev.workspaceoperator.store.Manifests.fresh;
import static dev.workspaceoperator.store.Manifests.named;
import static dev.workspaceoperator.store.Manifests.next;
import static dev.workspaceoperator.store.Manifests.withGeneration;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.workspace.DeclaredApiKey;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.port.ClusterNameTakenException;
import dev.workspaceoperator.workspace.port.ControllerFence;
import dev.workspaceoperator.workspace.port.DeclaredStore.ClusterAdoption;
import dev.workspaceoperator.workspace.port.Gathered;
import dev.workspaceoperator.workspace.port.SyncOutcome;
import dev.workspaceoperator.workspace.port.WorkspaceRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class EpochStoreIT {
  private static StoreFixture db;

  @BeforeAll
  static void open() throws InterruptedException {
    db = StoreFixture.open();
  }

  @AfterAll
  static void close() {
    db.close();
  }

  @Nested
  class RaiseEpoch {
    @Test
    void goesUp() {
      long first = db.store.raiseEpoch("up", "uid", ClusterAdoption.REFUSE).epoch();

      assertThat(db.store.raiseEpoch("up", "uid", ClusterAdoption.REFUSE).epoch())
          .isGreaterThan(first);
    }

    /** A controller that was paused meanwhile must not find its own epoch in force again. */
    @Test
    void isNeverTheSameAgainAfterABackupWasRestored() throws SQLException {
      long atBackup = db.store.raiseEpoch("restored", "uid", ClusterAdoption.REFUSE).epoch();
      long paused = db.store.raiseEpoch("restored", "uid", ClusterAdoption.REFUSE).epoch();
      db.execute(
          "UPDATE cluster SET controller_epoch = %d WHERE name = 'restored'".formatted(atBackup));

      assertThat(db.store.raiseEpoch("restored", "uid", ClusterAdoption.REFUSE).epoch())
          .isGreaterThan(paused);
    }

    @Test
    void refusesAnotherClusterOfTheSameName() {
      long first = db.store.raiseEpoch("mine", "uid", ClusterAdoption.REFUSE).epoch();

      assertThatExceptionOfType(ClusterNameTakenException.class)
          .isThrownBy(() -> db.store.raiseEpoch("mine", "another", ClusterAdoption.REFUSE))
          .withMessageContaining("--adopt-cluster");
      assertThat(db.store.raiseEpoch("mine", "uid", ClusterAdoption.REFUSE).epoch())
          .isGreaterThan(first);
    }

    @Test
    void takesTheNameOverWhenToldTo() {
      long first = db.store.raiseEpoch("rebuilt", "uid", ClusterAdoption.REFUSE).epoch();

      assertThat(db.store.raiseEpoch("rebuilt", "another", ClusterAdoption.ADOPT).epoch())
          .isGreaterThan(first);
      assertThatExceptionOfType(ClusterNameTakenException.class)
          .isThrownBy(() -> db.store.raiseEpoch("rebuilt", "uid", ClusterAdoption.REFUSE));
    }
  }

  @Nested
  class Fence {
    @Test
    void refusesASyncOfAnEarlierController() {
      ControllerFence old = db.store.raiseEpoch("fenced", "uid", ClusterAdoption.REFUSE);
      ControllerFence young = db.store.raiseEpoch("fenced", "uid", ClusterAdoption.REFUSE);
      Manifest manifest = named("fenced", "a", "fenced-ws");

      assertThat(db.store.sync(old, manifest, State.PRESENT, 0))
          .isEqualTo(new SyncOutcome.Fenced(young.epoch()));
      assertThat(db.gather(manifest).workspace()).isEmpty();
      assertThat(db.gather(manifest).controllerEpoch()).isEqualTo(young.epoch());
    }

    @Test
    void letsALowerGenerationThroughUnderANewEpoch() {
      ControllerFence old = db.store.raiseEpoch("restored", "uid", ClusterAdoption.REFUSE);
      Manifest manifest = withGeneration(named("restored", "a", "restored-ws"), 9);
      db.accept(old, manifest);
      ControllerFence young = db.store.raiseEpoch("restored", "uid", ClusterAdoption.REFUSE);

      StoredWorkspace stored = db.accept(young, withGeneration(next(manifest, budget("1")), 2));

      assertThat(stored.resourceGeneration()).isEqualTo(2);
      assertThat(stored.controllerEpoch()).isEqualTo(young.epoch());
    }

    @Test
    void holdsAgainstAControllerThatTakesOverDuringTheSync() throws Exception {
      ControllerFence old = db.store.raiseEpoch("race", "uid", ClusterAdoption.REFUSE);
      Manifest manifest = named("race", "a", "race-ws");
      try (Connection takeover = db.database.pool().getConnection();
          ExecutorService threads = Executors.newSingleThreadExecutor()) {
        takeover.setAutoCommit(false);
        try (Statement statement = takeover.createStatement()) {
          statement.execute(
              "UPDATE cluster SET controller_epoch = controller_epoch + 1 WHERE name = 'race'");
        }
        Future<SyncOutcome> sync =
            threads.submit(() -> db.store.sync(old, manifest, State.PRESENT, 0));
        await().until(EpochStoreIT::somebodyWaitsForALock);
        takeover.commit();

        assertThat(sync.get()).isEqualTo(new SyncOutcome.Fenced(old.epoch() + 1));
      }
      assertThat(db.gather(manifest).workspace()).isEmpty();
    }

    @Test
    void waitsForASyncThatIsUnderWay() throws Exception {
      ControllerFence old = db.store.raiseEpoch("wait", "uid", ClusterAdoption.REFUSE);
      Manifest manifest = named("wait", "a", "wait-ws");
      db.accept(old, manifest);
      try (Connection blocker = db.database.pool().getConnection();
          ExecutorService threads = Executors.newFixedThreadPool(2)) {
        blocker.setAutoCommit(false);
        try (Statement statement = blocker.createStatement()) {
          statement.execute("SELECT 1 FROM workspace WHERE resource_name = 'wait-ws' FOR UPDATE");
        }
        Future<SyncOutcome> sync =
            threads.submit(() -> db.store.sync(old, next(manifest, budget("9")), State.PRESENT, 1));
        await().until(EpochStoreIT::somebodyWaitsForALock);
        Future<ControllerFence> raise =
            threads.submit(() -> db.store.raiseEpoch("wait", "uid", ClusterAdoption.REFUSE));
        await().until(() -> waiting() == 2);
        assertThat(raise).isNotDone();
        blocker.commit();

        assertThat(sync.get()).isInstanceOf(SyncOutcome.Applied.class);
        assertThat(raise.get().epoch()).isGreaterThan(old.epoch());
      }
      assertThat(db.stored(manifest.identity()).layers().declared()).isEqualTo(budget("9"));
    }
  }

  /** A first sync whose COMMIT takes its time, or is lost on its way: nobody sees its row yet. */
  @Nested
  class AFirstSyncThatIsUnderWay {
    @Test
    void isWaitedForByAFreeze() throws Exception {
      Manifest manifest = fresh();

      assertThat(duringTheFirstSync(manifest, () -> db.store.retire(db.fence, manifest.identity())))
          .isInstanceOf(SyncOutcome.Applied.class);

      assertThat(db.stored(manifest.identity()).state()).isEqualTo(StoredWorkspace.State.FROZEN);
    }

    @Test
    void isWaitedForByAnArchive() throws Exception {
      Manifest manifest = Manifests.deletable(fresh());

      assertThat(duringTheFirstSync(manifest, () -> db.store.retire(db.fence, manifest.identity())))
          .isInstanceOf(SyncOutcome.Applied.class);

      assertThat(db.stored(manifest.identity()).state()).isEqualTo(StoredWorkspace.State.ARCHIVED);
    }

    @Test
    void isWaitedForByTheAdministratorsCommand() throws Exception {
      Manifest manifest = fresh();

      assertThat(
              duringTheFirstSync(
                  manifest, () -> db.registry.archive(manifest.identity(), "administrator")))
          .isEqualTo(WorkspaceRegistry.RegistryOutcome.RESOURCE_PRESENT);
    }

    /** Begins the work once the sync has inserted its row, and lets the sync end after that. */
    private <T> T duringTheFirstSync(Manifest manifest, Callable<T> work) throws Exception {
      try (Connection blocker = db.database.pool().getConnection();
          ExecutorService threads = Executors.newFixedThreadPool(2)) {
        blocker.setAutoCommit(false);
        try (Statement statement = blocker.createStatement()) {
          // The audit rows are written after the workspace's.
          statement.execute("LOCK TABLE audit IN SHARE MODE");
        }
        Future<SyncOutcome> sync =
            threads.submit(() -> db.store.sync(db.fence, manifest, State.PRESENT, 0));
        await().until(EpochStoreIT::somebodyWaitsForALock);
        Future<T> result = threads.submit(work);
        await().until(() -> result.isDone() || waiting() == 2);
        blocker.rollback();
        assertThat(sync.get()).isInstanceOf(SyncOutcome.Applied.class);
        return result.get();
      }
    }
  }

  @Nested
  class Races {
    @Test
    void ofTwoManifestsForOneSlugHaveOneWinnerAndOneConflict() throws Exception {
      for (int round = 0; round < 20; round++) {
        Manifest first = fresh();
        Manifest second = Manifests.withSlug(fresh(), first.slug());

        assertThat(atOnce(first, second))
            .satisfiesOnlyOnce(it -> assertThat(it).isInstanceOf(SyncOutcome.Applied.class))
            .satisfiesOnlyOnce(it -> assertThat(it).isEqualTo(new SyncOutcome.Conflict()));
      }
    }

    @Test
    void ofTwoSyncsOfOneNewWorkspaceHaveOneWinnerAndOneConflict() throws Exception {
      for (int round = 0; round < 20; round++) {
        Manifest manifest = fresh();

        assertThat(atOnce(manifest, next(manifest, budget("1"))))
            .satisfiesOnlyOnce(it -> assertThat(it).isInstanceOf(SyncOutcome.Applied.class));
      }
    }

    @Test
    void ofTwoSyncsOfOneKnownWorkspaceHaveOneWinnerAndOneConflict() throws Exception {
      for (int round = 0; round < 20; round++) {
        Manifest manifest = fresh();
        StoredWorkspace stored = db.accept(manifest);

        List<SyncOutcome> outcomes =
            atOnce(next(manifest, budget("1")), next(manifest, budget("2")));

        assertThat(outcomes)
            .satisfiesOnlyOnce(it -> assertThat(it).isInstanceOf(SyncOutcome.Applied.class))
            .satisfiesOnlyOnce(it -> assertThat(it).isEqualTo(new SyncOutcome.Conflict()));
        assertThat(db.verifier.verify(stored.id(), Optional.empty()).findings()).isEmpty();
      }
    }

    @Test
    void ofTwoManifestsForOneKeyGiveItToOneAndNeverAuditItForTheOther() throws Exception {
      for (int round = 0; round < 20; round++) {
        DeclaredApiKey key = Manifests.key("ci", "contested-" + round, Scope.RUNS_WRITE);
        Manifest first = Manifests.withKeys(fresh(), key);
        Manifest second = Manifests.withKeys(fresh(), key);

        List<SyncOutcome> outcomes = atOnce(first, second);

        assertThat(outcomes).anyMatch(SyncOutcome.Applied.class::isInstance);
        for (int i = 0; i < 2; i++) {
          assertThat(db.gather(List.of(first, second).get(i)).workspace().isPresent())
              .isEqualTo(outcomes.get(i) instanceof SyncOutcome.Applied);
        }
        for (SyncOutcome outcome : outcomes) {
          if (outcome instanceof SyncOutcome.Applied(Gathered gathered)) {
            StoredWorkspace workspace = gathered.workspace().orElseThrow();
            assertThat(db.audit(workspace.id()).stream().filter(row -> row.startsWith("api_keys")))
                .hasSameSizeAs(workspace.declaredKeys());
          }
        }
        assertThat(
                db.query(
                    "SELECT 1 FROM api_key WHERE digest = '\\x%s'".formatted(key.digest().hex())))
            .hasSize(1);
      }
    }

    @Test
    void ofAnArchivedKeyAndItsOwnersReturnAndTwoHeirsHaveOneHolder() throws Exception {
      for (int round = 0; round < 20; round++) {
        DeclaredApiKey key = Manifests.key("ci", "inherited-" + round, Scope.RUNS_WRITE);
        Manifest former = Manifests.withKeys(fresh(), key);
        db.accept(former);
        db.archive(former);
        List<Manifest> all =
            List.of(
                Manifests.withUid(former, "made again"),
                Manifests.withKeys(fresh(), key),
                Manifests.withKeys(fresh(), key));

        List<SyncOutcome> outcomes = atOnce(all.toArray(Manifest[]::new));

        assertThat(outcomes).anyMatch(SyncOutcome.Applied.class::isInstance);
        List<StoredWorkspace> holders =
            all.stream()
                .flatMap(manifest -> db.gather(manifest).workspace().stream())
                .filter(workspace -> !workspace.declaredKeys().isEmpty())
                .toList();
        assertThat(holders).hasSize(1);
        assertThat(holders.getFirst().state()).isEqualTo(State.PRESENT);
        StoredWorkspace stored = db.stored(former.identity());
        assertThat(db.verifier.verify(stored.id(), Optional.of(stored.auditHead())).findings())
            .isEmpty();
        assertThat(
                db.audit(stored.id()).stream()
                    .filter(row -> row.startsWith("api_keys") && row.endsWith(" -> -")))
            .as("gone from its chain exactly when it is gone")
            .hasSize(stored.declaredKeys().isEmpty() ? 1 : 0);
      }
    }

    private static List<SyncOutcome> atOnce(Manifest... manifests) throws Exception {
      CyclicBarrier barrier = new CyclicBarrier(manifests.length);
      List<Future<SyncOutcome>> running = new ArrayList<>();
      try (ExecutorService threads = Executors.newFixedThreadPool(manifests.length)) {
        for (Manifest manifest : manifests) {
          long revision = db.revision(manifest);
          running.add(
              threads.submit(() -> {
                barrier.await();
                return db.store.sync(db.fence, manifest, State.PRESENT, revision);
              }));
        }
      }
      List<SyncOutcome> outcomes = new ArrayList<>();
      for (Future<SyncOutcome> outcome : running) {
        outcomes.add(outcome.get());
      }
      return outcomes;
    }
  }

  private static boolean somebodyWaitsForALock() throws SQLException {
    return waiting() > 0;
  }

  private static int waiting() throws SQLException {
    return Integer.parseInt(
        db.query(
                "SELECT count(*) FROM pg_stat_activity"
                    + " WHERE datname = current_database() AND wait_event_type = 'Lock'")
            .getFirst());
  }
}
