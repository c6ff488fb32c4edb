package dev.workspaceoperator.workspace.rule;

import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.Layers;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingType;
import dev.workspaceoperator.workspace.SettingValues;
import dev.workspaceoperator.workspace.SettingsOverride;
import dev.workspaceoperator.workspace.SettingsPatch;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.Workspaces;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What patches are tried on, and with. */
public final class PatchCells {
  static final PlanDefaults DEFAULTS = PlanDefaults.STANDARD;

  /** An installation that has budgets for workspaces that set none. */
  static final PlanDefaults FINITE = DEFAULTS.withBudgets(new Budget(25_000_000), new Budget(0));

  static final Optional<?> NULL = Optional.empty();
  static final Optional<?> SILENT = Optional.empty();
  static final Object USD_25 = new Budget(25_000_000);
  static final Object USD_30 = new Budget(30_000_000);

  static final List<PlanDefaults> INSTALLATIONS = List.of(DEFAULTS, FINITE);

  /** Silence, the default of some plan, and others. */
  public static List<Optional<?>> values(Setting setting) {
    return switch (setting.type()) {
      case SettingType.Text _ ->
          List.of(SILENT, some(Workspaces.NAME), some("A"), some("B"), some("C"));
      case SettingType.Money _ ->
          List.of(SILENT, some(Budget.UNLIMITED), some(new Budget(0)), some(USD_25), some(USD_30));
      case SettingType.Count _ -> List.of(SILENT, some(3), some(10), some(20), some(50));
    };
  }

  static StoredWorkspace overridden(
      StoredWorkspace plain, Setting setting, long value, long seconds) {
    SettingsOverride override =
        new SettingsOverride(
            plain.id(), setting, value, Workspaces.NOW.plusSeconds(seconds), Workspaces.NOW);
    return workspace(plain.state(), plain.layers().withOverrides(List.of(override)));
  }

  public static Judgement judge(
      StoredWorkspace workspace, Map<Setting, Optional<?>> fields, PlanDefaults defaults) {
    return PatchRule.judge(workspace, new SettingsPatch(fields), defaults, Workspaces.NOW);
  }

  static StoredWorkspace workspace(
      State state, Plan plan, Setting setting, Optional<?> declared, Optional<?> runtime) {
    return Workspaces.of(
        state,
        plan,
        SettingValues.NONE.with(setting, declared),
        SettingValues.NONE.with(setting, runtime));
  }

  static StoredWorkspace workspace(State state, Layers layers) {
    StoredWorkspace it =
        Workspaces.of(
            state, layers.declared().plan(), layers.declared().values(), layers.runtime());
    return new StoredWorkspace(
        it.id(),
        it.identity(),
        it.state(),
        it.resourceUid(),
        it.resourceGeneration(),
        it.controllerEpoch(),
        it.slug(),
        it.deletionPolicy(),
        layers,
        it.declaredKeys(),
        List.of(),
        it.revision(),
        it.declaredRevision(),
        it.auditHead(),
        it.usage());
  }

  static Optional<?> some(Object value) {
    return Optional.of(value);
  }

  private PatchCells() {}
}
