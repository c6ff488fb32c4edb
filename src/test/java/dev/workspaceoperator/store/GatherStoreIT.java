package dev.workspaceoperator.store;

import static dev.workspaceoperator.store.Manifests.budget;
import static dev.workspaceoperator.store.Manifests.fresh;
import static dev.workspaceoperator.store.Manifests.killed;
import static dev.workspaceoperator.store.Manifests.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingsOverride;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.Usage;
import dev.workspaceoperator.workspace.port.Gathered;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class GatherStoreIT {
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
  class Gather {
    @Test
    void ofAnUnknownWorkspaceHasTheClockTheEpochAndNoWorkspace() {
      Gathered gathered = db.gather(fresh());

      assertThat(gathered.workspace()).isEmpty();
      assertThat(gathered.controllerEpoch()).isEqualTo(db.fence.epoch());
      assertThat(gathered.slugTaken()).isFalse();
      assertThat(gathered.foreignKeys()).isEmpty();
    }

    @Test
    void ofAnUnknownClusterHasEpochZero() {
      Manifest manifest = Manifests.named("nowhere", "a", "b");

      assertThat(db.gather(manifest).controllerEpoch()).isZero();
    }

    @Test
    void doesNotTakeTheWorkspacesOwnSlugForTaken() {
      Manifest manifest = fresh();
      db.accept(manifest);

      assertThat(db.gather(manifest).slugTaken()).isFalse();
    }

    @Test
    void hasTheOverridesThatAreNeitherDeletedNorSwept() throws SQLException {
      StoredWorkspace stored = db.accept(fresh());
      override(stored, "daily_budget_usd", Long.MAX_VALUE, "NULL", "NULL");
      override(stored, "max_concurrent_runs", 77, "NULL", "NULL");
      override(stored, "max_concurrent_runs", 1, "now()", "NULL");
      override(stored, "max_concurrent_runs", 2, "NULL", "now()");

      List<SettingsOverride> overrides = db.stored(stored.identity()).layers().overrides();

      assertThat(overrides)
          .extracting(SettingsOverride::setting, SettingsOverride::value)
          .containsExactlyInAnyOrder(
              tuple(Setting.DAILY_BUDGET, Budget.UNLIMITED.micros()),
              tuple(Setting.MAX_CONCURRENT_RUNS, 77L));
      assertThat(overrides)
          .allSatisfy(it -> assertThat(it.expiresAt()).isEqualTo(it.createdAt().plusSeconds(3600)));
    }

    @Test
    void hasTodaysUsageAndNotYesterdays() throws SQLException {
      StoredWorkspace stored = db.accept(fresh());
      for (int daysAgo = 1; daysAgo >= 0; daysAgo--) {
        db.execute(
            "INSERT INTO workspace_day VALUES ('%s', (operator_clock() AT TIME ZONE 'UTC')::date - %d, %d, %d)"
                .formatted(stored.id(), daysAgo, 10 + daysAgo, 20 + daysAgo));
      }
      db.execute(
          "UPDATE workspace SET active_runs = 4 WHERE workspace_id = '%s'".formatted(stored.id()));

      LocalDate today = db.gather(fresh()).now().atOffset(ZoneOffset.UTC).toLocalDate();
      assertThat(db.stored(stored.identity()).usage())
          .isEqualTo(
              new Usage(
                  today,
                  new MicroUsd(10),
                  new MicroUsd(20),
                  4,
                  // Yesterday may be of another month.
                  today.getDayOfMonth() == 1
                      ? new Usage.Month(new MicroUsd(10), new MicroUsd(20))
                      : new Usage.Month(new MicroUsd(21), new MicroUsd(41))));
    }
  }

  @Nested
  class PlatformLatch {
    @AfterEach
    void release() throws SQLException {
      db.execute("UPDATE platform SET kill_switch_since = NULL, kill_switch_reason = NULL");
    }

    @Test
    void holdsForEveryWorkspaceBesideItsOwn() throws SQLException {
      StoredWorkspace plain = db.accept(next(fresh(), budget("1")));
      StoredWorkspace stopped = db.accept(next(fresh(), killed("incident")));

      db.execute("UPDATE platform SET kill_switch_since = now(), kill_switch_reason = 'all stop'");

      assertThat(holders(plain)).containsExactly(KillLatch.Holder.PLATFORM);
      assertThat(holders(stopped))
          .containsExactly(KillLatch.Holder.PLATFORM, KillLatch.Holder.DECLARED);
      assertThat(
              db.stored(plain.identity()).layers().killSwitch().strongest().orElseThrow().reason())
          .contains("all stop");
    }

    private static List<KillLatch.Holder> holders(StoredWorkspace workspace) {
      return db
          .store
          .gather(workspace.identity(), Optional.empty(), Set.of())
          .workspace()
          .orElseThrow()
          .layers()
          .killSwitch()
          .latches()
          .stream()
          .map(KillLatch::holder)
          .toList();
    }
  }

  private static void override(
      StoredWorkspace workspace, String setting, long value, String deletedAt, String endedAt)
      throws SQLException {
    db.execute(
        "INSERT INTO workspace_override VALUES ('%s', '%s', '%s', %d, 'reason', 'test', now(), now() + interval '1 hour', %s, %s)"
            .formatted(workspace.id(), UUID.randomUUID(), setting, value, deletedAt, endedAt));
  }
}
