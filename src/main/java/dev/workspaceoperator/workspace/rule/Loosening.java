package dev.workspaceoperator.workspace.rule;

import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.Declaration;
import dev.workspaceoperator.workspace.DeclaredApiKey;
import dev.workspaceoperator.workspace.DeletionPolicy;
import dev.workspaceoperator.workspace.Permission;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingValues;
import dev.workspaceoperator.workspace.Source;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Does this change of a manifest give its workspace more, and which permissions does that need
 * (design.md §13)? Who may edit a Workspace may tighten it and never loosen it.
 *
 * <p>It judges changes, not states, and asks the same of every way: whoever may only edit could
 * make a Workspace anew, and so a creation is a change from what is free for him, and a deletion
 * one to it. The chart's admission policies say the same in CEL, and a test holds them against this
 * over the whole small input space.
 */
public final class Loosening {
  /** What any key may have. */
  private static final Set<Scope> FREE_SCOPES = Set.of(Scope.WORKSPACE_READ, Scope.RUNS_WRITE);

  private static final Budget NOTHING = new Budget(0);

  private final PlanDefaults defaults;

  /** The rule of an installation whose workspaces have these values where nobody sets them. */
  public Loosening(PlanDefaults defaults) {
    this.defaults = defaults;
  }

  /** Whether a money limit gives more than another. */
  public static boolean isLooser(Budget before, Budget after) {
    return after.micros() > before.micros();
  }

  /** Whether a run cap gives more than another. */
  public static boolean isLooser(int before, int after) {
    return after > before;
  }

  /** What it needs to make a Workspace, besides the right to make one. */
  public Set<Permission> ofCreation(Declaration made) {
    Set<Permission> needed = new LinkedHashSet<>();
    addPlan(needed, Plan.BASIC, made.plan());
    SettingValues values = made.settings().values();
    for (Setting setting : Setting.budgets()) {
      // Without a budget of the day comes in force what the REST API set for an earlier Workspace
      // of this name; who has one may spend no more than that, whatever else is not limited.
      Budget free = isOfTheDay(setting) ? freeDailyBudget() : byDefault(setting);
      Budget silent = isOfTheDay(setting) ? Budget.UNLIMITED : byDefault(setting);
      if (isLooser(free, values.budget(setting).orElse(silent))) {
        needed.add(setting.raising().orElseThrow());
      }
    }
    int ofThePlan = defaults.maxConcurrentRuns(made.plan());
    int asked = values.count(Setting.MAX_CONCURRENT_RUNS).orElse(ofThePlan);
    if (made.plan() != Plan.BASIC && isLooser(ofThePlan, asked)) {
      needed.add(Permission.RAISE_RUNS);
    }
    addScopes(needed, List.of(), made.apiKeys());
    return needed;
  }

  /**
   * What it needs to change a Workspace, besides the right to change it.
   *
   * @param standing what is in force before
   */
  public Set<Permission> ofChange(Declaration before, Standing standing, Declaration after) {
    Set<Permission> needed = new LinkedHashSet<>();
    addPlan(needed, before.plan(), after.plan());
    SettingValues from = before.settings().values();
    SettingValues to = after.settings().values();
    for (Setting setting : Setting.budgets()) {
      if (isRaised(from.budget(setting), inForce(standing, setting), to.budget(setting))) {
        needed.add(setting.raising().orElseThrow());
      }
    }
    if (isRunCapRaised(before, standing, after)) {
      needed.add(Permission.RAISE_RUNS);
    }
    addScopes(needed, before.apiKeys(), after.apiKeys());
    if (before.settings().engagesKillSwitch() && !after.settings().engagesKillSwitch()) {
      needed.add(Permission.RELEASE_KILL_SWITCH);
    }
    if (before.deletionPolicy() != DeletionPolicy.DELETE
        && after.deletionPolicy() == DeletionPolicy.DELETE
        && standing.isUsed()) {
      needed.add(Permission.DELETE_BOOKS);
    }
    return needed;
  }

  /** What it needs to delete a Workspace, besides the right to delete it. */
  public Set<Permission> ofDeletion(Declaration before, Standing standing) {
    Set<Permission> needed = new LinkedHashSet<>();
    SettingValues from = before.settings().values();
    for (Setting setting : Setting.budgets()) {
      // Where nobody can make a Workspace anew that may spend, its other limits limit nothing.
      if ((isOfTheDay(setting) || isLooser(NOTHING, freeDailyBudget()))
          && isLooser(
              from.budget(setting).orElse(inForce(standing, setting)), anew(from, setting))) {
        needed.add(setting.raising().orElseThrow());
      }
    }
    if (isLooser(NOTHING, freeDailyBudget())) {
      if (isLooser(runCap(before, before.plan(), standing), Plan.BASIC_MAX_CONCURRENT_RUNS)) {
        needed.add(Permission.RAISE_RUNS);
      }
    }
    if (before.settings().engagesKillSwitch()) {
      needed.add(Permission.RELEASE_KILL_SWITCH);
    }
    return needed;
  }

  /** What a Workspace that is made anew may have of it without a permission. */
  private Budget anew(SettingValues before, Setting setting) {
    if (isOfTheDay(setting)) {
      return freeDailyBudget();
    }
    // As in a removal: Basic can declare none anew, so that a creation cannot ask for one.
    return before.budget(setting).isPresent() ? Budget.UNLIMITED : byDefault(setting);
  }

  /** The one without which no other limits anything: what may be spent at all. */
  private static boolean isOfTheDay(Setting setting) {
    return setting == Setting.DAILY_BUDGET;
  }

  private Budget byDefault(Setting setting) {
    return setting.fallback(defaults, Plan.BASIC, "").as(Budget.class).value();
  }

  /**
   * What a new Workspace may say without a permission that it spends in a day: nothing, if all is
   * the default.
   */
  private Budget freeDailyBudget() {
    return defaults.dailyBudget().isUnlimited() ? NOTHING : defaults.dailyBudget();
  }

  /** Raised, or a limit removed: what comes in force then may be anything that the REST API set. */
  private static boolean isRaised(Optional<Budget> before, Budget inForce, Optional<Budget> after) {
    if (before.equals(after)) {
      return false;
    }
    return isLooser(before.orElse(inForce), after.orElse(Budget.UNLIMITED));
  }

  /** A plan brings its own cap, for which the permission for the plan is enough. */
  private boolean isRunCapRaised(Declaration before, Standing standing, Declaration after) {
    if (after.plan() == Plan.BASIC) {
      return isLooser(runCap(before, before.plan(), standing), Plan.BASIC_MAX_CONCURRENT_RUNS);
    }
    Optional<Integer> declared = before.settings().values().count(Setting.MAX_CONCURRENT_RUNS);
    Optional<Integer> asked = after.settings().values().count(Setting.MAX_CONCURRENT_RUNS);
    if (asked.isEmpty()) {
      return declared.isPresent();
    }
    return !asked.equals(declared) && isLooser(runCap(before, after.plan(), standing), asked.get());
  }

  /** What would be in force if nothing but the plan changed. */
  private int runCap(Declaration declaration, Plan plan, Standing standing) {
    if (plan == Plan.BASIC) {
      return Plan.BASIC_MAX_CONCURRENT_RUNS;
    }
    return declaration
        .settings()
        .values()
        .count(Setting.MAX_CONCURRENT_RUNS)
        .orElseGet(() ->
            standing
                .count(Setting.MAX_CONCURRENT_RUNS)
                .filter(inForce -> inForce.source() != Source.PLAN_DEFAULT)
                .map(inForce -> inForce.source() == Source.OVERRIDE ? 0 : inForce.value())
                .orElse(defaults.maxConcurrentRuns(plan)));
  }

  /**
   * Where the manifest is silent. What is beneath an override is not told, so it may be nothing.
   */
  private Budget inForce(Standing standing, Setting setting) {
    return standing
        .budget(setting)
        .map(inForce -> inForce.source() == Source.OVERRIDE ? NOTHING : inForce.value())
        .orElse(byDefault(setting));
  }

  private static void addPlan(Set<Permission> needed, Plan before, Plan after) {
    if (before != after && after != Plan.BASIC) {
      needed.add(Permission.assign(after));
    }
  }

  private static void addScopes(
      Set<Permission> needed, List<DeclaredApiKey> before, List<DeclaredApiKey> after) {
    for (DeclaredApiKey key : after) {
      for (Scope scope : key.scopes()) {
        if (!FREE_SCOPES.contains(scope)
            && before.stream().noneMatch(old -> covers(old, key, scope))) {
          needed.add(Permission.grant(scope));
        }
      }
    }
  }

  /** Whether the same key had the scope before, and for as long. */
  private static boolean covers(DeclaredApiKey before, DeclaredApiKey after, Scope scope) {
    return before.digest().equals(after.digest())
        && before.scopes().contains(scope)
        && (before.expiresAt().isEmpty()
            || after.expiresAt().filter(end -> !end.isAfter(before.expiresAt().get())).isPresent());
  }
}
