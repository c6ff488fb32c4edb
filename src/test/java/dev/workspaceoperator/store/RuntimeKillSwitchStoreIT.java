package dev.workspaceoperator.store;

import static dev.workspaceoperator.store.Manifests.fresh;
import static dev.workspaceoperator.store.Manifests.killed;
import static dev.workspaceoperator.store.Manifests.next;
import static dev.workspaceoperator.store.Outcomes.done;
import static dev.workspaceoperator.store.Outcomes.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.SettingValues;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.port.Actor;
import dev.workspaceoperator.workspace.port.Snapshot;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The latch that the REST API engages. */
class RuntimeKillSwitchStoreIT {
  private static final Actor ACTOR = new Actor("api-key ci", Optional.of("request-1"));
  private static StoreFixture db;

  @BeforeAll
  static void open() throws InterruptedException {
    db = StoreFixture.open();
  }

  @AfterAll
  static void close() {
    db.close();
  }

  @Test
  void isEngagedAndReleasedWithAuditAndReason() throws SQLException {
    StoredWorkspace before = db.accept(next(fresh(), scale()));

    Snapshot on = done(kill(before.id(), true, "runaway agent"));
    StoredWorkspace again = done(kill(before.id(), true, "another")).workspace();
    StoredWorkspace off = done(kill(before.id(), false, "all good")).workspace();

    KillLatch latch = on.workspace().layers().killSwitch().strongest().orElseThrow();
    assertThat(latch.holder()).isEqualTo(KillLatch.Holder.RUNTIME);
    assertThat(latch.reason()).contains("runaway agent");
    assertThat(latch.since()).isBeforeOrEqualTo(on.now());
    assertThat(again).isEqualTo(on.workspace());
    assertThat(off.layers().killSwitch().active()).isFalse();
    assertThat(
            db.query(
                "SELECT concat_ws(' ', layer, field, before, after, reason) FROM audit"
                    + " WHERE workspace_id = '%s' AND seq > %d ORDER BY seq"
                        .formatted(before.id(), before.auditHead().seq())))
        .containsExactly(
            "Runtime kill_switch false true runaway agent",
            "Runtime kill_switch true false all good");
  }

  @Test
  void ofAManifestIsNotReleased() {
    Manifest manifest = next(fresh(), killed("declared"));
    StoredWorkspace before = db.accept(manifest);

    Outcome<Snapshot> outcome = kill(before.id(), false, "please");

    assertThat(refusal(outcome))
        .isEqualTo(
            new Refusal.KillSwitchHeld(
                before.layers().killSwitch().strongest().orElseThrow(),
                Set.of(),
                manifest.identity()));
    assertThat(db.stored(manifest.identity())).isEqualTo(before);
  }

  @Test
  void thatIsFrozenIsReleased() {
    Manifest manifest = next(fresh(), killed("declared"));
    StoredWorkspace before = db.accept(manifest);
    db.store.retire(db.fence, manifest.identity());

    StoredWorkspace after = done(kill(before.id(), false, "gone")).workspace();

    assertThat(after.layers().killSwitch().active()).isFalse();
    assertThat(after.layers().declared().killSwitch()).contains(false);
  }

  @Test
  void doesNotWaitForConnectionsThatOtherWorkHolds() throws Exception {
    StoredWorkspace before = db.accept(next(fresh(), scale()));
    List<Connection> held = new ArrayList<>();
    try {
      for (int i = 0; i < db.settings.poolSize(); i++) {
        held.add(db.database.pool().getConnection());
      }
      assertThat(done(kill(before.id(), true, "all busy")).workspace().layers().killSwitch())
          .matches(it -> it.active());
    } finally {
      for (Connection connection : held) {
        connection.close();
      }
    }
  }

  private static DeclaredSettings scale() {
    return new DeclaredSettings(Plan.SCALE, SettingValues.NONE, Optional.empty(), Optional.empty());
  }

  private static Outcome<Snapshot> kill(UUID id, boolean active, String reason) {
    return db.settingsOf.switchKill(id, active, Optional.of(reason), ACTOR);
  }
}
