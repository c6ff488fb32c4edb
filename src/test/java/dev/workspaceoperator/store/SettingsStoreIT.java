package dev.workspaceoperator.store;

import static dev.workspaceoperator.store.Manifests.fresh;
import static dev.workspaceoperator.store.Manifests.next;
import static dev.workspaceoperator.store.Outcomes.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.EffectiveSettings;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingType;
import dev.workspaceoperator.workspace.SettingValues;
import dev.workspaceoperator.workspace.SettingsPatch;
import dev.workspaceoperator.workspace.Source;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.TestSettings;
import dev.workspaceoperator.workspace.port.Actor;
import dev.workspaceoperator.workspace.port.OverrideStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every setting through every layer, and the layers beside the release before. */
class SettingsStoreIT {
  private static final Actor ACTOR = new Actor("api-key ci", Optional.of("request-1"));
  private static final SettingValues SAID =
      TestSettings.values(
          Optional.of("a \"name\""),
          Optional.of(new Budget(25_500_000)),
          Optional.of(Budget.UNLIMITED),
          Optional.of(7));
  private static StoreFixture db;

  @BeforeAll
  static void open() throws InterruptedException {
    db = StoreFixture.open();
  }

  @AfterAll
  static void close() {
    db.close();
  }

  @ParameterizedTest
  @EnumSource(Setting.class)
  void standsInEachLayerWithItsAuditRow(Setting setting) throws SQLException {
    Object first = sample(setting, 1);
    Object second = sample(setting, 2);
    StoredWorkspace declared = db.accept(next(fresh(), enterprise(setting, Optional.of(first))));
    assertThat(declared.layers().declared().values().get(setting).orElseThrow()).isEqualTo(first);
    assertThat(db.audit(declared.id())).anyMatch(row -> row.startsWith(setting.restName() + ":"));

    StoredWorkspace silent = db.accept(next(fresh(), enterprise(setting, Optional.empty())));
    StoredWorkspace patched =
        done(db.settingsOf.patch(
                silent.id(),
                new SettingsPatch(Map.of(setting, Optional.of(second))),
                _ -> true,
                ACTOR))
            .workspace();
    assertThat(patched.layers().runtime().get(setting).orElseThrow()).isEqualTo(second);
    assertThat(db.settingsOf.readSettings(silent.id()).orElseThrow().layers().runtime())
        .isEqualTo(patched.layers().runtime());
    assertThat(db.audit(silent.id())).anyMatch(row -> row.startsWith(setting.restName() + ":"));

    if (setting.isOverridable()) {
      var _ =
          done(
              db.overrides.create(
                  silent.id(),
                  new OverrideStore.Draft(
                      setting, 3, db.now().plus(Duration.ofHours(1)), "incident"),
                  Optional.empty(),
                  ACTOR));
      EffectiveSettings effective =
          db.settingsOf.read(silent.id()).orElseThrow().effective(PlanDefaults.STANDARD);
      assertThat(effective.get(setting).source()).isEqualTo(Source.OVERRIDE);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "null",
        "{\"name\":\"\"}",
        "{\"name\":1}",
        "{\"daily_budget_micro_usd\":-1}",
        "{\"daily_budget_micro_usd\":1.5}",
        "{\"daily_budget_micro_usd\":\"1\"}",
        "{\"daily_budget_micro_usd\":1000000000000001}",
        "{\"max_concurrent_runs\":1000001}",
        "{\"max_concurrent_runs\":null}",
        "{\"whatever\":1}"
      })
  void aLayerOutOfBoundsIsRefused(String layer) {
    StoredWorkspace stored = db.accept(next(fresh(), enterprise(Setting.NAME, Optional.empty())));
    assertThatExceptionOfType(SQLException.class)
        .isThrownBy(() ->
            db.execute(
                "UPDATE workspace SET runtime_settings = '%s' WHERE workspace_id = '%s'"
                    .formatted(layer, stored.id())))
        .withMessageContaining("settings_in_bounds");
  }

  /** And what was there before is there after. */
  @Test
  void layersOfTheReleaseBeforeAreTakenOver() throws Exception {
    String url = SharedDatabase.createEmpty();
    UUID id = UUID.randomUUID();
    List<String> scripts = scripts();
    try (Database empty = Database.open(DatabaseSettings.of(url).withPoolSize(1));
        Connection connection = empty.pool().getConnection();
        Statement statement = connection.createStatement()) {
      for (String script : scripts.subList(0, 6)) {
        statement.execute(script);
      }
      statement.execute("INSERT INTO cluster (name, uid, controller_epoch) VALUES ('c', 'u', 1)");
      statement.execute(
          """
          INSERT INTO workspace (
              workspace_id, cluster, namespace, resource_name, slug, state,
              resource_uid, resource_generation, controller_epoch, plan, deletion_policy,
              declared_name, declared_daily_budget_micro_usd, declared_user_daily_budget_micro_usd,
              declared_max_concurrent_runs,
              runtime_name, runtime_daily_budget_micro_usd, runtime_user_daily_budget_micro_usd,
              runtime_max_concurrent_runs,
              revision, declared_revision, created_at, updated_at)
          VALUES ('%s', 'c', 'team', 'old', 'old', 'PRESENT', 'uid', 1, 1, 'Enterprise', 'Retain',
              'a "name"', 25500000, 9223372036854775807, 7, 'run time', 1, 2, 3, 1, 1, now(), now())
          """
              .formatted(id));
      statement.execute(
          """
          INSERT INTO workspace_override (
              workspace_id, override_id, setting, value, reason, created_by, created_at, expires_at)
          VALUES ('%s', gen_random_uuid(), 'max_concurrent_runs', 9, 'why', 'who', now(), now() + interval '1 hour')
          """
              .formatted(id));
      for (String script : scripts.subList(6, scripts.size())) {
        statement.execute(script);
      }
    }
    try (StoreFixture old = StoreFixture.on(url)) {
      StoredWorkspace stored = old.settingsOf.read(id).orElseThrow().workspace();
      assertThat(stored.layers().declared().values()).isEqualTo(SAID);
      assertThat(stored.layers().runtime())
          .isEqualTo(
              TestSettings.values(
                  Optional.of("run time"),
                  Optional.of(new Budget(1)),
                  Optional.of(new Budget(2)),
                  Optional.of(3)));
      assertThat(stored.layers().overrides()).hasSize(1);
    }
  }

  /** While replicas of both releases serve. */
  @Test
  void whatTheReleaseBeforeWritesIsReadAndTheOtherWayRound() throws SQLException {
    StoredWorkspace stored = db.accept(next(fresh(), enterprise(Setting.NAME, Optional.empty())));
    db.execute(
        "UPDATE workspace SET runtime_settings = '{\"later_budget_micro_usd\":5}' WHERE workspace_id = '%s'"
            .formatted(stored.id()));

    db.execute(
        """
        UPDATE workspace
        SET runtime_name = 'a "name"', runtime_daily_budget_micro_usd = 25500000,
            runtime_user_daily_budget_micro_usd = 9223372036854775807, runtime_max_concurrent_runs = 7
        WHERE workspace_id = '%s'
        """
            .formatted(stored.id()));
    assertThat(runtime(stored)).isEqualTo(SAID);

    var _ =
        done(
            db.settingsOf.patch(
                stored.id(),
                new SettingsPatch(Map.of(Setting.MAX_CONCURRENT_RUNS, Optional.of(8))),
                _ -> true,
                ACTOR));
    assertThat(
            db.query(
                "SELECT concat_ws(' ', runtime_name, runtime_daily_budget_micro_usd,"
                    + " runtime_max_concurrent_runs, runtime_settings -> 'later_budget_micro_usd')"
                    + " FROM workspace WHERE workspace_id = '%s'".formatted(stored.id())))
        .containsExactly("a \"name\" 25500000 8 5");

    db.execute(
        "UPDATE workspace SET runtime_name = NULL WHERE workspace_id = '%s'"
            .formatted(stored.id()));
    assertThat(runtime(stored).get(Setting.NAME)).isEmpty();
    assertThat(runtime(stored).count(Setting.MAX_CONCURRENT_RUNS)).contains(8);
  }

  private static SettingValues runtime(StoredWorkspace stored) {
    return db.settingsOf.read(stored.id()).orElseThrow().workspace().layers().runtime();
  }

  private static DeclaredSettings enterprise(Setting setting, Optional<?> value) {
    return new DeclaredSettings(
        Plan.ENTERPRISE,
        SettingValues.NONE.with(setting, value),
        Optional.empty(),
        Optional.empty());
  }

  private static Object sample(Setting setting, int number) {
    return switch (setting.type()) {
      case SettingType.Text _ -> "name " + number;
      case SettingType.Money _ -> new Budget(number * 1_500_000L);
      case SettingType.Count _ -> number;
    };
  }

  /** In the order of their versions. */
  private static List<String> scripts() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("src", "main", "resources", "db", "migration"))) {
      List<Path> sorted =
          files
              .sorted(
                  Comparator.comparingInt(file ->
                      Integer.parseInt(file.getFileName().toString().replaceAll("V|__.*", ""))))
              .toList();
      List<String> scripts = new ArrayList<>();
      for (Path file : sorted) {
        scripts.add(Files.readString(file));
      }
      return scripts;
    }
  }
}
