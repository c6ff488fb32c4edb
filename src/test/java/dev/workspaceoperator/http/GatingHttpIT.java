package dev.workspaceoperator.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.app.ApiServer.Declared;
import dev.workspaceoperator.app.Served;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.contract.ApiResponse;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.AuditChain;
import dev.workspaceoperator.store.KillSwitchPools;
import dev.workspaceoperator.store.PostgresRuntimeSettings;
import dev.workspaceoperator.workspace.Authority;
import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.EffectiveSettings;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingType;
import dev.workspaceoperator.workspace.SettingValues;
import dev.workspaceoperator.workspace.SettingsPatch;
import dev.workspaceoperator.workspace.port.Snapshot;
import dev.workspaceoperator.workspace.rule.Judgement;
import dev.workspaceoperator.workspace.rule.KillSwitchRule;
import dev.workspaceoperator.workspace.rule.OverrideRule;
import dev.workspaceoperator.workspace.rule.PatchRule;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Every cell of the plans' table through HTTP (design.md §3): each plan, each field, each thing
 * that can be asked, each layer that can hold the field. What is answered is held against the table
 * itself and against the rules.
 */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
class GatingHttpIT {
  private static final String PATH = "/v1/workspace/";

  @Served private static ApiServer server;
  private static Database database;
  private static PostgresRuntimeSettings settings;

  private final List<String> wrong = new ArrayList<>();
  private int cells;

  /** Where the field has a value before the request. */
  private enum Held {
    NOWHERE,
    RUNTIME,
    DECLARED,
    FROZEN,
    OVERRIDE
  }

  /** What is asked. */
  private enum Asked {
    ANOTHER,
    CLEAR,
    SAME
  }

  @BeforeAll
  static void start() {
    database = Database.open(DatabaseSettings.of(server.databaseUrl()).withPoolSize(2));
    settings =
        new PostgresRuntimeSettings(
            database,
            new KillSwitchPools(database, database),
            AuditChain.unkeyed(),
            PlanDefaults.STANDARD);
  }

  @AfterAll
  static void stop() {
    settings.close();
    database.close();
  }

  @AfterEach
  void everyCellIsAsTheTableAndTheRulesSay() {
    System.out.printf("%d cells, %d wrong%n", cells, wrong.size());
    assertThat(wrong).isEmpty();
  }

  @Test
  void patch() {
    for (Plan plan : Plan.values()) {
      for (Setting setting : Setting.values()) {
        for (Held held : Held.values()) {
          if (setting == Setting.NAME && held == Held.OVERRIDE) {
            continue;
          }
          for (Asked asked : Asked.values()) {
            patch(plan, setting, held, asked);
          }
        }
      }
    }
    // All settings, less the name's override.
    assertThat(cells).isEqualTo(4 * (Setting.values().length * 5 - 1) * 3);
  }

  @Test
  void override() {
    for (Plan plan : Plan.values()) {
      for (Setting setting : Setting.values()) {
        if (setting == Setting.NAME) {
          continue;
        }
        for (Held held : Held.values()) {
          override(plan, setting, held, Asked.ANOTHER);
          override(plan, setting, held, Asked.SAME);
        }
      }
    }
    assertThat(cells).isEqualTo(4 * Setting.overridable().size() * 5 * 2);
  }

  @Test
  void killSwitch() {
    for (Plan plan : Plan.values()) {
      for (Held held : List.of(Held.NOWHERE, Held.RUNTIME, Held.DECLARED, Held.FROZEN)) {
        killSwitch(plan, held, true);
        killSwitch(plan, held, false);
      }
    }
    assertThat(cells).isEqualTo(4 * 4 * 2);
  }

  private void patch(Plan plan, Setting setting, Held held, Asked asked) {
    Declared workspace = workspace(plan, setting, held);
    ApiClient caller = server.caller(workspace);
    Snapshot before = settings.read(workspace.id()).orElseThrow();
    Object beneath = beneathOverrides(before, setting);
    Optional<?> value =
        switch (asked) {
          case ANOTHER -> Optional.of(another(setting));
          case CLEAR -> Optional.empty();
          case SAME -> Optional.of(beneath);
        };
    Judgement judged =
        PatchRule.judge(
            before.workspace(),
            new SettingsPatch(Map.of(setting, value)),
            PlanDefaults.STANDARD,
            before.now());

    // To say unlimited in JSON is to clear.
    ApiResponse reply =
        caller.patch(
            PATH,
            "{\"%s\":%s}"
                .formatted(setting.restName(), value.map(GatingHttpIT::text).orElse("null")));

    String cell = "PATCH %s %s %s %s".formatted(plan, setting, held, asked);
    hold(cell, reply, byTheTable(plan, setting, held, asked), of(judged));
    if (reply.status() == 200) {
      Snapshot after = settings.read(workspace.id()).orElseThrow();
      holdEqual(
          cell,
          answered(caller, reply, setting),
          text(after.effective(PlanDefaults.STANDARD).get(setting).value()));
      if (asked == Asked.SAME) {
        holdEqual(cell, after.workspace().revision(), before.workspace().revision());
      }
    }
  }

  /** What is not one of the seven fields is answered with its source. */
  private static String answered(ApiClient caller, ApiResponse reply, Setting setting) {
    return setting.isField()
        ? reply.json().path(setting.restName()).toString()
        : caller
            .get(PATH + "settings")
            .json()
            .at("/%s/value".formatted(setting.restName()))
            .toString();
  }

  private void override(Plan plan, Setting setting, Held held, Asked asked) {
    Declared workspace = workspace(plan, setting, held);
    ApiClient caller = server.caller(workspace);
    Snapshot before = settings.read(workspace.id()).orElseThrow();
    Object value = asked == Asked.SAME ? beneathOverrides(before, setting) : another(setting);
    Optional<Refusal> judged = OverrideRule.judge(before.workspace(), setting);

    ApiResponse reply = postOverride(caller, setting, text(value));

    int expected = plan.includes(setting.requiredPlan()) ? 201 : 403;
    hold(
        "override %s %s %s %s".formatted(plan, setting, held, asked),
        reply,
        expected,
        judged.map(_ -> 403).orElse(201));
  }

  private void killSwitch(Plan plan, Held held, boolean active) {
    Declared workspace =
        server.declare(
            server
                .workspace(Plan.SCALE)
                .with(
                    declared(
                        Plan.SCALE,
                        SettingValues.NONE,
                        held != Held.NOWHERE && held != Held.RUNTIME)));
    ApiClient caller = server.caller(workspace);
    if (held == Held.RUNTIME) {
      caller.post(PATH + "kill-switch", "{\"active\":true}");
    }
    workspace =
        server.declare(
            workspace.with(
                declared(
                    plan,
                    SettingValues.NONE,
                    workspace.manifest().settings().engagesKillSwitch())));
    if (held == Held.FROZEN) {
      server.freeze(workspace);
    }
    Snapshot before = settings.read(workspace.id()).orElseThrow();
    Judgement judged =
        active
            ? KillSwitchRule.engage(
                before.workspace(), Optional.empty(), before.now(), Authority.WORKSPACE)
            : KillSwitchRule.release(before.workspace());

    ApiResponse reply = caller.post(PATH + "kill-switch", "{\"active\":%b}".formatted(active));

    boolean gated = active && held != Held.RUNTIME && !plan.includes(Plan.SCALE);
    int expected = gated ? 403 : !active && held == Held.DECLARED ? 409 : 200;
    hold("kill switch %s %s %b".formatted(plan, held, active), reply, expected, of(judged));
  }

  /** Design.md §3 and §4 in one expression. */
  private static int byTheTable(Plan plan, Setting setting, Held held, Asked asked) {
    boolean gated = !plan.includes(setting.requiredPlan());
    // On Basic the cap in force is the default, whatever the manifest says.
    boolean basicCap = setting == Setting.MAX_CONCURRENT_RUNS && plan == Plan.BASIC;
    return switch (asked) {
      case SAME -> 200;
      case CLEAR -> held == Held.DECLARED && !basicCap ? 409 : 200;
      case ANOTHER -> held == Held.DECLARED ? 409 : gated ? 403 : 200;
    };
  }

  /** A workspace of this plan, whose field was set while it was allowed. */
  private static Declared workspace(Plan plan, Setting setting, Held held) {
    boolean inManifest = held == Held.DECLARED || held == Held.FROZEN;
    SettingValues values =
        inManifest
            ? SettingValues.NONE.with(setting, Optional.of(first(setting)))
            : SettingValues.NONE;
    Declared workspace = server.workspace(Plan.ENTERPRISE);
    workspace = server.declare(workspace.with(declared(Plan.ENTERPRISE, values, false)));
    ApiClient caller = server.caller(workspace);
    String value = text(first(setting));
    if (held == Held.RUNTIME) {
      assertThat(caller.patch(PATH, "{\"%s\":%s}".formatted(setting.restName(), value)).status())
          .isEqualTo(200);
    } else if (held == Held.OVERRIDE) {
      assertThat(postOverride(caller, setting, value).status()).isEqualTo(201);
    }
    workspace = server.declare(workspace.with(declared(plan, values, false)));
    if (held == Held.FROZEN) {
      server.freeze(workspace);
    }
    return workspace;
  }

  private static ApiResponse postOverride(ApiClient caller, Setting setting, String value) {
    return caller.post(
        PATH + "overrides",
        "{\"%s\":%s,\"expires_at\":\"%s\",\"reason\":\"a test\"}"
            .formatted(setting.restName(), value, server.now().plusSeconds(3600)));
  }

  private void hold(String cell, ApiResponse reply, int byTheTable, int byTheRules) {
    cells++;
    if (reply.status() != byTheTable || reply.status() != byTheRules) {
      wrong.add(
          "%s: answered %d %s, table %d, rules %d"
              .formatted(cell, reply.status(), reply.body(), byTheTable, byTheRules));
    }
  }

  private void holdEqual(String cell, Object answered, Object expected) {
    if (!answered.equals(expected)) {
      wrong.add("%s: %s instead of %s".formatted(cell, answered, expected));
    }
  }

  private static int of(Judgement judged) {
    return switch (judged) {
      case Judgement.Refused(Refusal.PlanTooLow _) -> 403;
      case Judgement.Refused _ -> 409;
      case Judgement.Changed _, Judgement.Unchanged _ -> 200;
    };
  }

  private static DeclaredSettings declared(Plan plan, SettingValues values, boolean killSwitch) {
    return new DeclaredSettings(plan, values, Optional.of(killSwitch), Optional.empty());
  }

  private static Object first(Setting setting) {
    return switch (setting.type()) {
      case SettingType.Text _ -> "First";
      case SettingType.Money _ -> Budget.ofUsd(new BigDecimal("7"));
      case SettingType.Count _ -> 7;
    };
  }

  private static Object another(Setting setting) {
    return switch (setting.type()) {
      case SettingType.Text _ -> "Another";
      case SettingType.Money _ -> Budget.ofUsd(new BigDecimal("9.5"));
      case SettingType.Count _ -> 9;
    };
  }

  private static Object beneathOverrides(Snapshot snapshot, Setting setting) {
    return EffectiveSettings.beneathOverrides(snapshot.workspace().layers(), PlanDefaults.STANDARD)
        .get(setting)
        .value();
  }

  private static String text(Object value) {
    return switch (value) {
      case String name -> '"' + name + '"';
      case Budget budget when budget.equals(Budget.UNLIMITED) -> "null";
      case Budget budget ->
          BigDecimal.valueOf(budget.micros(), 6).stripTrailingZeros().toPlainString();
      default -> value.toString();
    };
  }
}
