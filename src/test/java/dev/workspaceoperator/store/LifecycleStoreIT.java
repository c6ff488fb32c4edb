package dev.workspaceoperator.store;

import static dev.workspaceoperator.store.Manifests.budget;
import static dev.workspaceoperator.store.Manifests.deletable;
import static dev.workspaceoperator.store.Manifests.digest;
import static dev.workspaceoperator.store.Manifests.fresh;
import static dev.workspaceoperator.store.Manifests.key;
import static dev.workspaceoperator.store.Manifests.killed;
import static dev.workspaceoperator.store.Manifests.named;
import static dev.workspaceoperator.store.Manifests.next;
import static dev.workspaceoperator.store.Manifests.withKeys;
import static dev.workspaceoperator.store.Manifests.withSlug;
import static dev.workspaceoperator.store.Manifests.withUid;
import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.DeclaredApiKey;
import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.port.ControllerFence;
import dev.workspaceoperator.workspace.port.DeclaredStore.ClusterAdoption;
import dev.workspaceoperator.workspace.port.SyncOutcome;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class LifecycleStoreIT {
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
  class Freeze {
    @Test
    void keepsWhatWasDeclaredInForce() throws SQLException {
      Manifest manifest =
          withKeys(next(fresh(), killed("incident")), key("ci", "freeze-ci", Scope.RUNS_WRITE));
      StoredWorkspace before = db.accept(manifest);

      StoredWorkspace frozen = applied(db.store.retire(db.fence, manifest.identity()));

      assertThat(frozen.state()).isEqualTo(State.FROZEN);
      assertThat(frozen.layers()).isEqualTo(before.layers());
      assertThat(frozen.slug()).isEqualTo(before.slug());
      assertThat(frozen.declaredKeys()).isEqualTo(before.declaredKeys()).hasSize(1);
      assertThat(frozen.revision()).isEqualTo(before.revision() + 1);
      assertThat(frozen.declaredRevision()).isEqualTo(before.declaredRevision() + 1);
      assertThat(db.audit(frozen.id())).last().isEqualTo("state: \"Present\" -> \"Frozen\"");
    }

    @Test
    void changesNothingTheSecondTime() {
      Manifest manifest = fresh();
      db.accept(manifest);
      StoredWorkspace frozen = applied(db.store.retire(db.fence, manifest.identity()));

      assertThat(applied(db.store.retire(db.fence, manifest.identity()))).isEqualTo(frozen);
    }

    @Test
    void ofAWorkspaceThatWasNeverAcceptedChangesNothing() {
      SyncOutcome outcome = db.store.retire(db.fence, fresh().identity());

      assertThat(((SyncOutcome.Applied) outcome).gathered().workspace()).isEmpty();
    }

    @Test
    void doesNotBringAnArchivedWorkspaceBack() {
      Manifest manifest = fresh();
      db.accept(manifest);
      applied(db.store.retire(db.fence, manifest.identity()));
      db.registry.archive(manifest.identity(), "administrator");
      StoredWorkspace archived = db.stored(manifest.identity());

      assertThat(applied(db.store.retire(db.fence, manifest.identity()))).isEqualTo(archived);
    }

    @Test
    void isFencedUnderAnOldEpoch() {
      Manifest manifest = fresh();
      db.accept(manifest);

      assertThat(
              db.store.retire(
                  new ControllerFence(Manifests.CLUSTER, db.fence.epoch() - 1),
                  manifest.identity()))
          .isEqualTo(new SyncOutcome.Fenced(db.fence.epoch()));
      assertThat(db.stored(manifest.identity()).state()).isEqualTo(State.PRESENT);
    }
  }

  @Nested
  class Archive {
    @Test
    void freesTheSlugAndKeepsTheKeysAndTheBooks() throws SQLException {
      Manifest manifest =
          deletable(
              withKeys(next(fresh(), budget("5")), key("ci", "archive-ci", Scope.RUNS_WRITE)));
      StoredWorkspace before = db.accept(manifest);
      spend(before, 1_500_000);

      StoredWorkspace archived = applied(db.store.retire(db.fence, manifest.identity()));

      assertThat(archived.state()).isEqualTo(State.ARCHIVED);
      assertThat(archived.slug()).isEmpty();
      assertThat(archived.declaredKeys()).isEqualTo(before.declaredKeys()).hasSize(1);
      assertThat(archived.usage().spent()).isEqualTo(new MicroUsd(1_500_000));
      List<String> audit = db.audit(archived.id());
      assertThat(audit.subList((int) before.auditHead().seq(), audit.size()))
          .containsExactly(
              "state: \"Present\" -> \"Archived\"", "slug: \"%s\" -> -".formatted(manifest.slug()));
      assertThat(db.accept(withSlug(fresh(), manifest.slug())).slug()).contains(manifest.slug());
    }

    @Test
    void leavesTheKeysToWhoeverListsThemNext() throws SQLException {
      Manifest manifest =
          deletable(
              withKeys(
                  fresh(),
                  key("ci", "left-ci", Scope.RUNS_WRITE),
                  key("kept", "left-kept", Scope.RUNS_WRITE)));
      db.accept(manifest);
      StoredWorkspace archived = applied(db.store.retire(db.fence, manifest.identity()));
      Manifest heir = withKeys(fresh(), key("mine", "left-ci", Scope.RUNS_WRITE));

      assertThat(db.gather(heir, digest("left-ci")).foreignKeys()).isEmpty();
      assertThat(db.accept(heir).declaredKeys()).isEqualTo(heir.apiKeys());

      StoredWorkspace former = db.stored(manifest.identity());
      assertThat(former.declaredKeys()).extracting(DeclaredApiKey::name).containsExactly("kept");
      assertThat(former.revision()).isEqualTo(archived.revision() + 1);
      assertThat(db.audit(former.id())).last().asString().startsWith("api_keys/ci: {");
      assertThat(db.gather(manifest, digest("left-ci")).foreignKeys())
          .as("who has it now is no archived one")
          .containsExactly(digest("left-ci"));
      assertThat(db.verifier.verify(former.id(), Optional.of(former.auditHead())).findings())
          .isEmpty();
    }

    @Test
    void leavesTheKeysToItsOwnManifestOnceThatIsBack() {
      Manifest manifest = deletable(withKeys(fresh(), key("ci", "back-ci", Scope.RUNS_WRITE)));
      db.accept(manifest);
      applied(db.store.retire(db.fence, manifest.identity()));

      StoredWorkspace again = db.accept(withUid(manifest, "made again"));

      assertThat(again.declaredKeys()).isEqualTo(manifest.apiKeys());
      assertThat(db.gather(fresh(), digest("back-ci")).foreignKeys())
          .containsExactly(digest("back-ci"));
    }

    @Test
    void ofAWorkspaceThatIsFrozenAgainstItsPolicyArchivesIt() throws SQLException {
      Manifest manifest = deletable(fresh());
      StoredWorkspace stored = db.accept(manifest);
      db.execute(
          "UPDATE workspace SET state = 'FROZEN' WHERE workspace_id = '%s'".formatted(stored.id()));

      assertThat(db.store.revisionsOfPresent(Manifests.CLUSTER))
          .as("is looked at")
          .containsKey(manifest.identity());
      assertThat(applied(db.store.retire(db.fence, manifest.identity())).state())
          .isEqualTo(State.ARCHIVED);
    }

    @Test
    void changesNothingTheSecondTime() {
      Manifest manifest = deletable(fresh());
      db.accept(manifest);
      StoredWorkspace archived = applied(db.store.retire(db.fence, manifest.identity()));

      assertThat(applied(db.store.retire(db.fence, manifest.identity()))).isEqualTo(archived);
    }
  }

  @Nested
  class LastGeneration {
    @Test
    void isFrozenInTheTransactionThatTakesIt() throws SQLException {
      Manifest manifest = next(fresh(), budget("5"));
      StoredWorkspace before = db.accept(manifest);
      Manifest last = next(manifest, killed("incident"));

      StoredWorkspace frozen =
          applied(db.store.sync(db.fence, last, State.FROZEN, before.declaredRevision()));

      assertThat(frozen.state()).isEqualTo(State.FROZEN);
      assertThat(frozen.layers().killSwitch().active()).isTrue();
      assertThat(frozen.revision()).isEqualTo(before.revision() + 1);
      assertThat(
              db.query(
                  "SELECT DISTINCT actor FROM audit WHERE workspace_id = '%s' AND seq > %d"
                      .formatted(frozen.id(), before.auditHead().seq())))
          .containsExactly("deletion of manifest " + manifest.uid());
    }

    @Test
    void isArchivedAlsoWhereAnotherHoldsTheSlugByNow() {
      Manifest manifest = deletable(fresh());
      db.accept(manifest);
      StoredWorkspace archived = applied(db.store.retire(db.fence, manifest.identity()));
      db.accept(withSlug(fresh(), manifest.slug()));

      StoredWorkspace after =
          applied(
              db.store.sync(
                  db.fence,
                  next(manifest, budget("7")),
                  State.ARCHIVED,
                  archived.declaredRevision()));

      assertThat(after.state()).isEqualTo(State.ARCHIVED);
      assertThat(after.slug()).isEmpty();
      assertThat(after.layers().declared()).isEqualTo(budget("7"));
    }
  }

  @Nested
  class ReCreation {
    @Test
    void ofAWorkspaceThatWentWithDeleteUnseenMayTakeAnotherSlug() {
      Manifest manifest = deletable(fresh());
      StoredWorkspace before = db.accept(manifest);
      Manifest other = withUid(withSlug(manifest, manifest.slug() + "-new"), "made again");

      StoredWorkspace again = db.accept(other);

      assertThat(again.id()).isEqualTo(before.id());
      assertThat(again.slug()).contains(other.slug());
    }

    @Test
    void ofAFrozenWorkspaceReplacesTheDeclaredLayerAndTouchesNoOther() throws SQLException {
      Manifest manifest = next(fresh(), killed("declared"));
      StoredWorkspace before = db.accept(manifest);
      setRuntime(before);
      spend(before, 42);
      applied(db.store.retire(db.fence, manifest.identity()));

      StoredWorkspace again = db.accept(withUid(next(manifest, budget("7")), "made again"));

      assertThat(again.id()).isEqualTo(before.id());
      assertThat(again.state()).isEqualTo(State.PRESENT);
      assertThat(again.layers().declared()).isEqualTo(budget("7"));
      assertThat(again.layers().runtime().budget(Setting.DAILY_BUDGET))
          .contains(new Budget(1_000_000));
      assertThat(again.layers().killSwitch().latches())
          .extracting(KillLatch::holder)
          .containsExactly(KillLatch.Holder.RUNTIME);
      assertThat(again.usage().spent()).isEqualTo(new MicroUsd(42));
      assertThat(db.audit(again.id())).contains("state: \"Frozen\" -> \"Present\"");
    }

    @Test
    void ofAnArchivedWorkspaceMayTakeAnotherSlug() throws SQLException {
      Manifest manifest = fresh();
      StoredWorkspace before = db.accept(manifest);
      setRuntime(before);
      db.archive(manifest);
      Manifest other = withUid(withSlug(manifest, manifest.slug() + "-new"), "made again");

      StoredWorkspace again = db.accept(other);

      assertThat(again.id()).isEqualTo(before.id());
      assertThat(again.slug()).contains(other.slug());
      assertThat(again.layers().runtime().budget(Setting.DAILY_BUDGET))
          .contains(new Budget(1_000_000));
      assertThat(again.layers().killSwitch().of(KillLatch.Holder.RUNTIME)).isPresent();
    }

    @Test
    void ofAnArchivedWorkspaceIsAConflictWhileAnotherHoldsItsFormerSlug() {
      Manifest manifest = fresh();
      db.accept(manifest);
      StoredWorkspace archived = db.archive(manifest);
      db.accept(withSlug(fresh(), manifest.slug()));

      assertThat(db.gather(manifest).slugTaken()).isTrue();
      Manifest again = withUid(manifest, "made again");
      assertThat(db.store.sync(db.fence, again, State.PRESENT, archived.declaredRevision()))
          .isEqualTo(new SyncOutcome.Conflict());
    }
  }

  @Nested
  class Thaw {
    @Test
    void makesWhatIsFrozenAManifestsAgainAndChangesNothingOfIt() throws SQLException {
      Manifest manifest = next(fresh(), budget("100"));
      StoredWorkspace before = db.accept(manifest);
      db.store.retire(db.fence, manifest.identity());

      db.store.thaw(db.fence, manifest.identity(), "uid-2");
      StoredWorkspace after = db.stored(manifest.identity());
      assertThat(after.state()).isEqualTo(State.PRESENT);
      assertThat(after.layers()).isEqualTo(before.layers());
      assertThat(after.slug()).isEqualTo(before.slug());
      assertThat(db.audit(after.id())).last().isEqualTo("state: \"Frozen\" -> \"Present\"");

      db.store.thaw(db.fence, manifest.identity(), "uid-2");
      assertThat(db.stored(manifest.identity()).revision()).isEqualTo(after.revision());
    }

    @Test
    void leavesAWorkspaceFrozenWhoseSlugWasReleased() {
      Manifest manifest = fresh();
      db.accept(manifest);
      db.store.retire(db.fence, manifest.identity());
      db.registry.releaseSlug(manifest.identity(), "administrator");

      db.store.thaw(db.fence, manifest.identity(), "uid-2");

      assertThat(db.stored(manifest.identity()).state()).isEqualTo(State.FROZEN);
    }

    @Test
    void bringsNoArchivedWorkspaceBack() {
      Manifest manifest = fresh();
      db.accept(manifest);
      db.archive(manifest);

      db.store.thaw(db.fence, manifest.identity(), "uid-2");

      assertThat(db.stored(manifest.identity()).state()).isEqualTo(State.ARCHIVED);
    }
  }

  @Nested
  class RevisionsOfPresent {
    @Test
    void hasTheWorkspacesOfTheClusterWhoseResourceExists() {
      ControllerFence fence = db.store.raiseEpoch("revisions", "r", ClusterAdoption.REFUSE);
      Manifest present = named("revisions", "a", "revisions-present");
      Manifest frozen = named("revisions", "a", "revisions-frozen");
      Manifest archived = deletable(named("revisions", "a", "revisions-archived"));
      List.of(present, frozen, archived).forEach(manifest -> db.accept(fence, manifest));
      db.accept(fence, next(present, budget("1")));
      applied(db.store.retire(fence, frozen.identity()));
      applied(db.store.retire(fence, archived.identity()));

      Map<ResourceIdentity, Long> revisions = db.store.revisionsOfPresent("revisions");

      assertThat(revisions).containsExactly(Map.entry(present.identity(), 2L));
    }
  }

  private static StoredWorkspace applied(SyncOutcome outcome) {
    return ((SyncOutcome.Applied) outcome).gathered().workspace().orElseThrow();
  }

  /** A runtime budget of 1 US dollar and the runtime latch, as the REST API writes them. */
  private static void setRuntime(StoredWorkspace workspace) throws SQLException {
    db.execute(
        "UPDATE workspace SET runtime_daily_budget_micro_usd = 1000000,"
            + " runtime_kill_switch_since = now(), runtime_kill_switch_reason = 'stop'"
            + " WHERE workspace_id = '%s'".formatted(workspace.id()));
  }

  private static void spend(StoredWorkspace workspace, long microUsd) throws SQLException {
    db.execute(
        "INSERT INTO workspace_day (workspace_id, day, spent_micro_usd)"
            + " VALUES ('%s', (operator_clock() AT TIME ZONE 'UTC')::date, %d)"
                .formatted(workspace.id(), microUsd));
  }
}
