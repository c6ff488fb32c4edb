package dev.workspaceoperator.store;

import static dev.workspaceoperator.store.Manifests.budget;
import static dev.workspaceoperator.store.Manifests.fresh;
import static dev.workspaceoperator.store.Manifests.killed;
import static dev.workspaceoperator.store.Manifests.named;
import static dev.workspaceoperator.store.Manifests.next;
import static dev.workspaceoperator.store.Manifests.withGeneration;
import static dev.workspaceoperator.store.Manifests.withSlug;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.DeletionPolicy;
import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.SettingValues;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.TestSettings;
import dev.workspaceoperator.workspace.port.ControllerFence;
import dev.workspaceoperator.workspace.port.DeclaredStore.ClusterAdoption;
import dev.workspaceoperator.workspace.port.Gathered;
import dev.workspaceoperator.workspace.port.SyncOutcome;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SyncStoreIT {
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
  class Sync {
    @Test
    void createsTheWorkspaceWithEverythingThatTheManifestDeclares() throws SQLException {
      DeclaredSettings settings =
          new DeclaredSettings(
              Plan.SCALE,
              TestSettings.values(
                  Optional.of("Überraschung \"ß\" 🦊"),
                  Optional.of(Budget.UNLIMITED),
                  Optional.of(new Budget(25_500_000)),
                  Optional.of(10)),
              Optional.of(true),
              Optional.of("incident"));
      Manifest fresh = fresh();
      Manifest manifest =
          new Manifest(
              fresh.identity(),
              fresh.uid(),
              7,
              fresh.slug(),
              settings,
              DeletionPolicy.DELETE,
              List.of(),
              List.of());

      StoredWorkspace created = db.accept(manifest);

      assertThat(created).isEqualTo(db.stored(manifest.identity()));
      assertThat(created.identity()).isEqualTo(manifest.identity());
      assertThat(created.layers().declared()).isEqualTo(settings);
      assertThat(created.layers().runtime()).isEqualTo(SettingValues.NONE);
      assertThat(created.deletionPolicy()).isEqualTo(DeletionPolicy.DELETE);
      assertThat(created.state()).isEqualTo(State.PRESENT);
      assertThat(created.slug()).contains(manifest.slug());
      assertThat(created.resourceGeneration()).isEqualTo(7);
      assertThat(created.revision()).isEqualTo(1);
      assertThat(created.declaredRevision()).isEqualTo(1);
      assertThat(created.id().version()).isEqualTo(7);
      assertThat(Instant.ofEpochMilli(created.id().getMostSignificantBits() >>> 16))
          .isBetween(db.now().minus(Duration.ofMinutes(5)), db.now());
      assertThat(db.audit(created.id()))
          .containsExactly(
              "state: - -> \"Present\"",
              "slug: - -> \"" + manifest.slug() + "\"",
              "deletion_policy: - -> \"Delete\"",
              "plan: - -> \"Scale\"",
              "name: - -> \"Überraschung \\\"ß\\\" 🦊\"",
              "daily_budget_usd: - -> \"unlimited\"",
              "user_daily_budget_usd: - -> \"25.5\"",
              "max_concurrent_runs: - -> 10",
              "kill_switch: false -> true",
              "kill_switch_reason: - -> \"incident\"");
      assertThat(created.auditHead().seq()).isEqualTo(10);
    }

    @Test
    void writesNothingWhenNothingChanged() {
      Manifest manifest = next(fresh(), budget("100"));
      StoredWorkspace before = db.accept(manifest);

      assertThat(db.accept(manifest)).isEqualTo(before);
    }

    @Test
    void writesOnlyTheGenerationWhenNothingElseChanged() {
      Manifest manifest = next(fresh(), budget("100"));
      StoredWorkspace before = db.accept(manifest);

      StoredWorkspace after = db.accept(withGeneration(manifest, 9));

      assertThat(after.resourceGeneration()).isEqualTo(9);
      assertThat(after.revision()).isEqualTo(before.revision());
      assertThat(after.declaredRevision()).isEqualTo(before.declaredRevision());
      assertThat(after.auditHead()).isEqualTo(before.auditHead());
    }

    @Test
    void writesAnAuditRowForEachChangedFieldAndRaisesTheRevisions() throws SQLException {
      Manifest manifest = next(fresh(), budget("100"));
      StoredWorkspace before = db.accept(manifest);

      StoredWorkspace after = db.accept(next(manifest, DeclaredSettings.NONE));

      assertThat(after.layers().declared()).isEqualTo(DeclaredSettings.NONE);
      assertThat(after.revision()).isEqualTo(before.revision() + 1);
      assertThat(after.declaredRevision()).isEqualTo(before.declaredRevision() + 1);
      List<String> audit = db.audit(after.id());
      assertThat(audit.subList((int) before.auditHead().seq(), audit.size()))
          .containsExactly("plan: \"Scale\" -> \"Basic\"", "daily_budget_usd: \"100\" -> -");
      assertThat(
              db.query(
                  "SELECT DISTINCT actor || ', ' || layer FROM audit WHERE workspace_id = '%s' AND seq > %d"
                      .formatted(after.id(), before.auditHead().seq())))
          .containsExactly("manifest %s generation 3, Declared".formatted(manifest.uid()));
    }

    @Test
    void keepsTheTimeOfTheLatchWhileItStaysOn() {
      Manifest manifest = next(fresh(), killed("first"));
      KillLatch first = latch(db.accept(manifest)).orElseThrow();

      KillLatch second = latch(db.accept(next(manifest, killed("second")))).orElseThrow();
      Manifest off = next(next(manifest, DeclaredSettings.NONE), DeclaredSettings.NONE);

      assertThat(second.since()).isEqualTo(first.since());
      assertThat(second.reason()).contains("second");
      assertThat(latch(db.accept(off))).isEmpty();
      assertThat(latch(db.accept(next(off, killed("third")))).orElseThrow().since())
          .isAfter(first.since());
    }

    @Test
    void keepsTheReasonOfALatchThatIsOff() {
      DeclaredSettings settings =
          new DeclaredSettings(
              Plan.SCALE, SettingValues.NONE, Optional.empty(), Optional.of("for later"));

      assertThat(db.accept(next(fresh(), settings)).layers().declared()).isEqualTo(settings);
    }

    @Test
    void tellsAKillSwitchThatIsSaidToBeOffFromOneThatIsNotSaid() {
      Manifest silent = next(fresh(), budget("1"));
      DeclaredSettings saysOff = budget("1").released();
      StoredWorkspace before = db.accept(silent);
      Manifest said = next(silent, saysOff);

      StoredWorkspace after = db.accept(said);
      assertThat(after.layers().declared()).isEqualTo(saysOff);
      assertThat(after.auditHead()).as("no latch moved").isEqualTo(before.auditHead());
      assertThat(after.revision()).isEqualTo(before.revision());

      db.store.retire(db.fence, silent.identity());
      assertThat(db.stored(silent.identity()).layers().declared()).isEqualTo(saysOff);
      assertThat(db.accept(next(said, budget("1"))).layers().declared()).isEqualTo(budget("1"));
      assertThat(db.accept(next(fresh(), saysOff)).layers().declared()).isEqualTo(saysOff);
    }

    @Test
    void isAConflictWhenTheDeclaredLayerMovedSinceItWasGathered() {
      Manifest manifest = next(fresh(), budget("100"));
      StoredWorkspace before = db.accept(manifest);

      assertThat(db.store.sync(db.fence, next(manifest, budget("200")), State.PRESENT, 0))
          .isEqualTo(new SyncOutcome.Conflict());
      assertThat(db.store.sync(db.fence, next(manifest, budget("200")), State.PRESENT, 2))
          .isEqualTo(new SyncOutcome.Conflict());
      assertThat(db.stored(manifest.identity())).isEqualTo(before);
    }

    @Test
    void leavesANewerGenerationOfTheSameResourceAlone() {
      Manifest manifest = withGeneration(next(fresh(), budget("100")), 5);
      StoredWorkspace before = db.accept(manifest);

      assertThat(
              db.store.sync(
                  db.fence,
                  withGeneration(next(manifest, budget("1")), 4),
                  State.PRESENT,
                  before.declaredRevision()))
          .isEqualTo(new SyncOutcome.OldGeneration());
      assertThat(db.stored(manifest.identity())).isEqualTo(before);
    }

    @Test
    void takesALowerGenerationOfAnotherResource() {
      Manifest manifest = withGeneration(fresh(), 5);
      StoredWorkspace before = db.accept(manifest);

      StoredWorkspace after = db.accept(Manifests.withUid(manifest, "made again"));

      assertThat(after.id()).isEqualTo(before.id());
      assertThat(after.resourceGeneration()).isEqualTo(1);
      assertThat(after.resourceUid()).isEqualTo("made again");
    }

    @Test
    void isAConflictWhenAnotherWorkspaceHoldsTheSlug() {
      Manifest holder = fresh();
      db.accept(holder);
      Manifest second = withSlug(fresh(), holder.slug());

      Gathered gathered = db.gather(second);

      assertThat(gathered.slugTaken()).isTrue();
      assertThat(db.store.sync(db.fence, second, State.PRESENT, 0))
          .isEqualTo(new SyncOutcome.Conflict());
      assertThat(db.gather(second).workspace()).isEmpty();
    }

    @Test
    void refusesToChangeTheSlugOfAWorkspaceThatIsPresent() {
      Manifest manifest = fresh();
      db.accept(manifest);

      assertThatExceptionOfType(IllegalStateException.class)
          .isThrownBy(
              () -> db.store.sync(db.fence, withSlug(manifest, "another"), State.PRESENT, 1));
    }

    @Test
    void keepsWorkspacesOfTwoClustersWithTheSameNameApart() {
      ControllerFence other = db.store.raiseEpoch("other", "other-uid", ClusterAdoption.REFUSE);
      StoredWorkspace here = db.accept(named(Manifests.CLUSTER, "same", "same-name"));
      Manifest there = withSlug(named("other", "same", "same-name"), "same-name-there");

      StoredWorkspace created = db.accept(other, there);

      assertThat(created.id()).isNotEqualTo(here.id());
      assertThat(db.stored(here.identity())).isEqualTo(here);
    }

    private static Optional<KillLatch> latch(StoredWorkspace workspace) {
      return workspace.layers().killSwitch().of(KillLatch.Holder.DECLARED);
    }
  }
}
