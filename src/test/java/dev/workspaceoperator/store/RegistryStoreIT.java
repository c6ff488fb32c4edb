package dev.workspaceoperator.store;

import static dev.workspaceoperator.store.Manifests.fresh;
import static dev.workspaceoperator.store.Manifests.key;
import static dev.workspaceoperator.store.Manifests.killed;
import static dev.workspaceoperator.store.Manifests.named;
import static dev.workspaceoperator.store.Manifests.next;
import static dev.workspaceoperator.store.Manifests.withKeys;
import static dev.workspaceoperator.store.Manifests.withSlug;
import static dev.workspaceoperator.store.Manifests.withUid;
import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.port.WorkspaceRegistry.RegistryOutcome;
import java.sql.SQLException;
import java.util.Comparator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class RegistryStoreIT {
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
  class ListAll {
    @Test
    void hasEveryWorkspaceAsGatherHasIt() {
      Manifest manifest =
          withKeys(next(fresh(), killed("why")), key("ci", "list-ci", Scope.RUNS_WRITE));
      StoredWorkspace stored = db.accept(manifest);
      Manifest archived = named(Manifests.CLUSTER, "a-first", "list-archived");
      db.accept(archived);
      db.archive(archived);

      assertThat(db.registry.list())
          .contains(stored, db.stored(archived.identity()))
          .isSortedAccordingTo(Comparator.comparing(it -> it.identity().toString()));
    }
  }

  @Nested
  class FindBySlug {
    @Test
    void findsTheHolderAndNoArchivedOne() {
      Manifest manifest = fresh();
      StoredWorkspace stored = db.accept(manifest);

      assertThat(db.registry.findBySlug(manifest.slug())).contains(stored);
      db.archive(manifest);
      assertThat(db.registry.findBySlug(manifest.slug())).isEmpty();
    }
  }

  @Nested
  class Archive {
    @Test
    void isRefusedWhileAResourceStandsBehindIt() {
      Manifest manifest = fresh();
      db.accept(manifest);

      assertThat(db.registry.archive(manifest.identity(), "admin"))
          .isEqualTo(RegistryOutcome.RESOURCE_PRESENT);
      assertThat(db.stored(manifest.identity()).state()).isEqualTo(State.PRESENT);
    }

    @Test
    void ofAFrozenWorkspaceIsDoneAndAuditedUnderTheAdministratorsName() throws SQLException {
      Manifest manifest = fresh();
      db.accept(manifest);
      db.store.retire(db.fence, manifest.identity());

      assertThat(db.registry.archive(manifest.identity(), "admin")).isEqualTo(RegistryOutcome.DONE);
      assertThat(db.registry.archive(manifest.identity(), "admin")).isEqualTo(RegistryOutcome.DONE);

      StoredWorkspace archived = db.stored(manifest.identity());
      assertThat(archived.state()).isEqualTo(State.ARCHIVED);
      assertThat(
              db.query(
                  "SELECT actor || ' ' || layer FROM audit WHERE workspace_id = '%s' ORDER BY seq DESC LIMIT 1"
                      .formatted(archived.id())))
          .containsExactly("admin Frozen");
    }

    @Test
    void ofAnUnknownWorkspaceIsNotFound() {
      assertThat(db.registry.archive(fresh().identity(), "admin"))
          .isEqualTo(RegistryOutcome.NOT_FOUND);
    }
  }

  @Nested
  class ReleaseSlug {
    @Test
    void ofAFrozenWorkspaceLetsAnotherTakeIt() throws SQLException {
      Manifest manifest = fresh();
      db.accept(manifest);
      db.store.retire(db.fence, manifest.identity());

      assertThat(db.registry.releaseSlug(manifest.identity(), "admin"))
          .isEqualTo(RegistryOutcome.DONE);

      StoredWorkspace released = db.stored(manifest.identity());
      assertThat(released.slug()).isEmpty();
      assertThat(released.state()).isEqualTo(State.FROZEN);
      assertThat(db.audit(released.id()))
          .last()
          .isEqualTo("slug: \"%s\" -> -".formatted(manifest.slug()));
      assertThat(db.accept(withSlug(fresh(), manifest.slug())).slug()).contains(manifest.slug());
    }

    @Test
    void letsTheWorkspaceComeBackUnderAnotherSlug() {
      Manifest manifest = fresh();
      StoredWorkspace before = db.accept(manifest);
      db.store.retire(db.fence, manifest.identity());
      db.registry.releaseSlug(manifest.identity(), "admin");

      StoredWorkspace again =
          db.accept(withUid(withSlug(manifest, manifest.slug() + "-2"), "made again"));

      assertThat(again.id()).isEqualTo(before.id());
      assertThat(again.slug()).contains(manifest.slug() + "-2");
    }

    @Test
    void isRefusedWhileAResourceStandsBehindIt() {
      Manifest manifest = fresh();
      db.accept(manifest);

      assertThat(db.registry.releaseSlug(manifest.identity(), "admin"))
          .isEqualTo(RegistryOutcome.RESOURCE_PRESENT);
    }
  }
}
