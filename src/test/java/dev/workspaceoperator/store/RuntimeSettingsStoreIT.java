package dev.workspaceoperator.store;

import static dev.workspaceoperator.store.Manifests.budget;
import static dev.workspaceoperator.store.Manifests.fresh;
import static dev.workspaceoperator.store.Manifests.killed;
import static dev.workspaceoperator.store.Manifests.next;
import static dev.workspaceoperator.store.Outcomes.done;
import static dev.workspaceoperator.store.Outcomes.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.workspaceoperator.sql.PendingNotifications;
import dev.workspaceoperator.workspace.Authority;
import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingValues;
import dev.workspaceoperator.workspace.SettingsPatch;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.TestSettings;
import dev.workspaceoperator.workspace.port.Actor;
import dev.workspaceoperator.workspace.port.Snapshot;
import dev.workspaceoperator.workspace.port.WorkspaceSettings;
import dev.workspaceoperator.workspace.rule.Judgement;
import dev.workspaceoperator.workspace.rule.KillSwitchRule;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class RuntimeSettingsStoreIT {
  private static final Actor ACTOR = new Actor("api-key ci", Optional.of("request-1"));
  private static final AtomicLong REVISION = new AtomicLong();
  private static final AtomicInteger CAP = new AtomicInteger();
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
  class Read {
    @Test
    void givesWhatTheControllerSees() {
      Manifest manifest = next(fresh(), budget("5"));
      StoredWorkspace stored = db.accept(manifest);

      assertThat(db.settingsOf.read(stored.id()).orElseThrow().workspace())
          .isEqualTo(db.stored(manifest.identity()));
    }

    @Test
    void givesNothingForAnUnknownId() {
      assertThat(db.settingsOf.read(UUID.randomUUID())).isEmpty();
      assertThat(db.settingsOf.readSettings(UUID.randomUUID())).isEmpty();
    }

    @Test
    void givesTheSettingsAloneAsItGivesThemWithTheWholeWorkspace() {
      StoredWorkspace quiet = db.accept(next(fresh(), scale()));
      StoredWorkspace stopped = db.accept(next(fresh(), killed("incident")));
      done(patch(quiet.id(), Setting.MAX_CONCURRENT_RUNS, 7));
      for (StoredWorkspace stored : List.of(quiet, stopped)) {
        Snapshot whole = db.settingsOf.read(stored.id()).orElseThrow();
        WorkspaceSettings alone = db.settingsOf.readSettings(stored.id()).orElseThrow();

        assertThat(alone)
            .usingRecursiveComparison()
            .ignoringFields("now")
            .isEqualTo(whole.settings());
        assertThat(alone.now()).isAfterOrEqualTo(whole.now());
      }
    }

    @Test
    void isNeverStalerThanTheCallHoweverManyRead() throws Exception {
      StoredWorkspace stored = db.accept(next(fresh(), scale()));
      List<Future<Boolean>> readers = new ArrayList<>();
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 0; i < 50; i++) {
          readers.add(
              threads.submit(() -> {
                for (int round = 0; round < 20; round++) {
                  int capBefore = CAP.get();
                  long revisionBefore = REVISION.get();
                  if (revision(stored) < revisionBefore || cap(stored) < capBefore) {
                    return false;
                  }
                }
                return true;
              }));
        }
        for (int cap = 1; cap <= 20; cap++) {
          REVISION.set(
              done(patch(stored.id(), Setting.MAX_CONCURRENT_RUNS, cap)).workspace().revision());
          CAP.set(cap);
        }
        for (Future<Boolean> reader : readers) {
          assertThat(reader.get()).isTrue();
        }
      }
    }

    private long revision(StoredWorkspace stored) {
      return db.settingsOf.read(stored.id()).orElseThrow().workspace().revision();
    }

    private int cap(StoredWorkspace stored) {
      SettingValues runtime =
          db.settingsOf.readSettings(stored.id()).orElseThrow().layers().runtime();
      return runtime.count(Setting.MAX_CONCURRENT_RUNS).orElse(0);
    }
  }

  @Nested
  class Patch {
    @Test
    void writesTheRuntimeLayerWithAuditAndRevision() throws SQLException {
      StoredWorkspace before = db.accept(next(fresh(), scale()));

      Outcome<Snapshot> outcome =
          db.settingsOf.patch(
              before.id(),
              new SettingsPatch(
                  Map.of(
                      Setting.NAME, Optional.of("Größer \"als\""),
                      Setting.USER_DAILY_BUDGET, Optional.of(new Budget(25_500_000)))),
              _ -> true,
              ACTOR);

      StoredWorkspace after = done(outcome).workspace();
      assertThat(after.layers().runtime())
          .isEqualTo(
              TestSettings.values(
                  Optional.of("Größer \"als\""),
                  Optional.empty(),
                  Optional.of(new Budget(25_500_000)),
                  Optional.empty()));
      assertThat(after.revision()).isEqualTo(before.revision() + 1);
      assertThat(after.declaredRevision()).isEqualTo(before.declaredRevision());
      assertThat(after).isEqualTo(db.settingsOf.read(before.id()).orElseThrow().workspace());
      assertThat(
              db.query(
                  "SELECT concat_ws(' ', actor, layer, field, before, after, request_id) FROM audit"
                      + " WHERE workspace_id = '%s' AND seq > %d ORDER BY seq"
                          .formatted(before.id(), before.auditHead().seq())))
          .containsExactly(
              "api-key ci Runtime name \"Größer \\\"als\\\"\" request-1",
              "api-key ci Runtime user_daily_budget_usd \"25.5\" request-1");
      assertThat(db.verifier.verify(before.id(), Optional.of(after.auditHead())).findings())
          .isEmpty();
    }

    @Test
    void ofAnEqualValueWritesNothing() {
      StoredWorkspace before = db.accept(next(fresh(), scale()));

      assertThat(done(patch(before.id(), Setting.MAX_CONCURRENT_RUNS, 50)).workspace())
          .isEqualTo(before);
    }

    @Test
    void ofADeclaredFieldIsRefusedAndNothingElseIsWritten() {
      Manifest manifest = next(fresh(), budget("5"));
      StoredWorkspace before = db.accept(manifest);

      Outcome<Snapshot> outcome =
          db.settingsOf.patch(
              before.id(),
              new SettingsPatch(
                  Map.of(
                      Setting.NAME, Optional.of("new"),
                      Setting.DAILY_BUDGET, Optional.of(new Budget(1)))),
              _ -> true,
              ACTOR);

      assertThat(refusal(outcome))
          .isEqualTo(
              new Refusal.ManagedDeclaratively(manifest.identity(), List.of("daily_budget_usd")));
      assertThat(db.stored(manifest.identity())).isEqualTo(before);
    }

    @Test
    void judgesItsPreconditionFirst() {
      StoredWorkspace before = db.accept(next(fresh(), budget("5")));

      Outcome<Snapshot> outcome =
          db.settingsOf.patch(
              before.id(),
              new SettingsPatch(Map.of(Setting.DAILY_BUDGET, Optional.of(new Budget(1)))),
              snapshot -> snapshot.workspace().revision() != before.revision(),
              ACTOR);

      assertThat(refusal(outcome)).isEqualTo(new Refusal.PreconditionFailed());
    }

    @Test
    void ofAnUnknownWorkspaceIsNotFound() {
      assertThat(refusal(patch(UUID.randomUUID(), Setting.NAME, "x")))
          .isEqualTo(new Refusal.NotFound());
    }

    @Test
    void ofAFrozenFieldChangesTheFrozenLayer() throws SQLException {
      Manifest manifest = next(fresh(), budget("5"));
      db.accept(manifest);
      db.store.retire(db.fence, manifest.identity());
      StoredWorkspace before = db.stored(manifest.identity());

      StoredWorkspace after =
          done(patch(before.id(), Setting.DAILY_BUDGET, new Budget(7_000_000))).workspace();

      assertThat(after.state()).isEqualTo(State.FROZEN);
      assertThat(after.layers().declared().values().budget(Setting.DAILY_BUDGET))
          .contains(new Budget(7_000_000));
      assertThat(after.layers().runtime()).isEqualTo(SettingValues.NONE);
      assertThat(after.declaredRevision()).isEqualTo(before.declaredRevision() + 1);
      assertThat(
              db.query(
                  "SELECT concat_ws(' ', layer, field, before, after) FROM audit"
                      + " WHERE workspace_id = '%s' ORDER BY seq DESC LIMIT 1"
                          .formatted(before.id())))
          .containsExactly("Frozen daily_budget_usd \"5\" \"7\"");
    }

    @Test
    void thatRacesWithAnotherLosesNeitherAndHoldsThePrecondition() throws Exception {
      StoredWorkspace before = db.accept(next(fresh(), scale()));
      CyclicBarrier start = new CyclicBarrier(4);
      List<Future<Outcome<Snapshot>>> patches = new ArrayList<>();
      try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
        for (int i = 1; i <= 4; i++) {
          int cap = i;
          patches.add(
              threads.submit(() -> {
                start.await();
                return db.settingsOf.patch(
                    before.id(),
                    new SettingsPatch(Map.of(Setting.MAX_CONCURRENT_RUNS, Optional.of(cap))),
                    snapshot -> snapshot.workspace().revision() == before.revision(),
                    ACTOR);
              }));
        }
      }

      int won = 0;
      for (Future<Outcome<Snapshot>> patch : patches) {
        won += patch.get() instanceof Outcome.Done<Snapshot> ? 1 : 0;
      }
      assertThat(won).isEqualTo(1);
      assertThat(db.settingsOf.read(before.id()).orElseThrow().workspace().revision())
          .isEqualTo(before.revision() + 1);
      assertThat(db.verifier.verify(before.id(), Optional.empty()).findings()).isEmpty();
    }
  }

  @Nested
  class Commit {
    private final WorkspaceWrites writes = new WorkspaceWrites(AuditChain.unkeyed());

    @Test
    void comesWithTheRoundTripThatWrites() throws SQLException {
      StoredWorkspace stored = db.accept(next(fresh(), scale()));
      try (Connection connection = db.database.pool().getConnection()) {
        connection.setAutoCommit(false);
        engage(connection, WorkspaceWrites.lock(connection, stored.id()).orElseThrow());
        connection.rollback();
      }

      assertThat(db.stored(stored.identity()).revision()).isEqualTo(stored.revision() + 1);
    }

    @Test
    void doesNotComeWhenOneOfItsStatementsFails() throws SQLException {
      StoredWorkspace stored = db.accept(next(fresh(), scale()));
      Snapshot outdated = db.settingsOf.read(stored.id()).orElseThrow();
      done(patch(stored.id(), Setting.MAX_CONCURRENT_RUNS, 7));
      Snapshot before = db.settingsOf.read(stored.id()).orElseThrow();
      try (Connection connection = db.database.pool().getConnection()) {
        connection.setAutoCommit(false);

        // Its audit row has a number that is taken.
        assertThatExceptionOfType(SQLException.class)
            .isThrownBy(() -> engage(connection, outdated));
        connection.rollback();
      }

      assertThat(db.stored(stored.identity())).isEqualTo(before.workspace());
    }

    private void engage(Connection connection, Snapshot before) throws SQLException {
      Judgement judged =
          KillSwitchRule.engage(
              before.workspace(), Optional.of("incident"), before.now(), Authority.WORKSPACE);
      Snapshot _ =
          writes.saveAndCommit(
              connection,
              new PendingNotifications(),
              before,
              (Judgement.Changed) judged,
              Optional.of("incident"),
              ACTOR);
    }
  }

  private static DeclaredSettings scale() {
    return new DeclaredSettings(Plan.SCALE, SettingValues.NONE, Optional.empty(), Optional.empty());
  }

  private static Outcome<Snapshot> patch(UUID id, Setting setting, Object value) {
    return db.settingsOf.patch(
        id, new SettingsPatch(Map.of(setting, Optional.of(value))), _ -> true, ACTOR);
  }
}
