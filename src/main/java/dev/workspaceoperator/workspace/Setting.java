package dev.workspaceoperator.workspace;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The settings that both a manifest and the REST API can set. A constant is all that there is to
 * say of one (design.md §15): manifest, PATCH, settings, overrides, status, audit and rows go
 * through all of them. The kill switch is none of them: it is several latches, of which each stops
 * everything, and not one value of which the strongest counts.
 */
@SuppressWarnings("ImmutableEnumChecker") // Records, and lambdas without state.
public enum Setting {
  /** Display name. */
  NAME(
      Names.of("name", "name"),
      new SettingType.Text(1, Bounds.NAME_LENGTH_MAX),
      Entitlement.EVERY_PLAN,
      (_, _, resourceName) -> EffectiveValue.of(resourceName, Source.DEFAULT),
      Use.LASTING_FIELD,
      null),
  /** Most that the whole workspace may spend in a UTC day. */
  DAILY_BUDGET(
      Names.ofMoney("dailyBudgetUsd", "daily_budget"),
      SettingType.MONEY,
      Entitlement.EVERY_PLAN,
      (defaults, _, _) -> EffectiveValue.of(defaults.dailyBudget(), Source.DEFAULT),
      Use.FIELD,
      Permission.RAISE_DAILY),
  /** Most that each user of the workspace may spend in a UTC day. */
  USER_DAILY_BUDGET(
      Names.ofMoney("userDailyBudgetUsd", "user_daily_budget"),
      SettingType.MONEY,
      Entitlement.keptBelow(Plan.PRO, Budget.UNLIMITED),
      (defaults, _, _) -> EffectiveValue.of(defaults.userDailyBudget(), Source.DEFAULT),
      Use.FIELD,
      Permission.RAISE_USER),
  /** Most that the whole workspace may spend in a calendar month (UTC). */
  MONTHLY_BUDGET(
      Names.ofMoney("monthlyBudgetUsd", "monthly_budget"),
      SettingType.MONEY,
      Entitlement.keptBelow(Plan.PRO, Budget.UNLIMITED),
      (_, _, _) -> EffectiveValue.of(Budget.UNLIMITED, Source.DEFAULT),
      Use.SETTING,
      Permission.RAISE_MONTHLY),
  /** Most runs at the same time. */
  MAX_CONCURRENT_RUNS(
      Names.of("maxConcurrentRuns", "max_concurrent_runs"),
      new SettingType.Count(Bounds.RUN_CAP_MAX),
      Entitlement.asleepBelow(Plan.PRO, Plan.BASIC_MAX_CONCURRENT_RUNS),
      (defaults, plan, _) ->
          EffectiveValue.of(defaults.maxConcurrentRuns(plan), Source.PLAN_DEFAULT),
      Use.FIELD,
      Permission.RAISE_RUNS);

  private final Names names;
  private final SettingType type;
  private final Entitlement entitlement;
  private final Fallback fallback;
  private final Use use;
  private final @Nullable Permission raising;

  Setting(
      Names names,
      SettingType type,
      Entitlement entitlement,
      Fallback fallback,
      Use use,
      @Nullable Permission raising) {
    this.names = names;
    this.type = type;
    this.entitlement = entitlement;
    this.fallback = fallback;
    this.use = use;
    this.raising = raising;
  }

  /** The field's name in {@code spec} of a manifest. */
  public String specName() {
    return names.spec();
  }

  /** The field's name in the REST API, in audit rows, and of its overrides. */
  public String restName() {
    return names.rest();
  }

  /** The key in the store's layers, which tells the unit. */
  public String storeName() {
    return names.store();
  }

  /** What its values are. */
  public SettingType type() {
    return type;
  }

  /** The lowest plan that may set it. */
  public Plan requiredPlan() {
    return entitlement.requiredPlan();
  }

  /** What every plan may set, since it asks for nothing that a plan has. */
  public Optional<Object> freeValue() {
    return Optional.ofNullable(entitlement.freeValue());
  }

  /**
   * Whether what is set is not in force on a plan below the one that it needs, but the default;
   * otherwise it stays in force, because it limits.
   */
  public boolean sleepsOn(Plan plan) {
    return entitlement.sleeps() && !plan.includes(requiredPlan());
  }

  /** What is in force where no layer says anything. */
  public EffectiveValue<?> fallback(PlanDefaults defaults, Plan plan, String resourceName) {
    return fallback.of(defaults, plan, resourceName);
  }

  /** Whether an override can be made of it. */
  public boolean isOverridable() {
    return use != Use.LASTING_FIELD;
  }

  /** Whether it is one of the seven fields that a workspace is answered as (design.md §6). */
  public boolean isField() {
    return use != Use.SETTING;
  }

  /** What it takes to raise or remove it in a manifest; empty for what limits nothing. */
  public Optional<Permission> raising() {
    return Optional.ofNullable(raising);
  }

  /** Those of which an override can be made. */
  public static List<Setting> overridable() {
    return all().filter(Setting::isOverridable).toList();
  }

  /** Those that are money. */
  public static List<Setting> budgets() {
    return all().filter(setting -> setting.type.equals(SettingType.MONEY)).toList();
  }

  /** The one of this name in the REST API; empty if there is none. */
  public static Optional<Setting> ofRestName(String name) {
    return all().filter(setting -> setting.restName().equals(name)).findFirst();
  }

  private static Stream<Setting> all() {
    return Arrays.stream(values());
  }

  /** In the manifest, the REST API and the store. */
  private record Names(String spec, String rest, String store) {
    static Names of(String spec, String rest) {
      return new Names(spec, rest, rest);
    }

    static Names ofMoney(String spec, String stem) {
      return new Names(spec, stem + "_usd", stem + "_micro_usd");
    }
  }

  /**
   * Which plans may set it.
   *
   * @param freeValue what every plan may set; null for nothing in particular
   * @param sleeps whether a plan below has the default instead of what is set
   */
  private record Entitlement(Plan requiredPlan, @Nullable Object freeValue, boolean sleeps) {
    static final Entitlement EVERY_PLAN = new Entitlement(Plan.BASIC, null, false);

    static Entitlement keptBelow(Plan requiredPlan, Object freeValue) {
      return new Entitlement(requiredPlan, freeValue, false);
    }

    static Entitlement asleepBelow(Plan requiredPlan, Object freeValue) {
      return new Entitlement(requiredPlan, freeValue, true);
    }
  }

  /** Where no layer says anything. */
  private interface Fallback {
    EffectiveValue<?> of(PlanDefaults defaults, Plan plan, String resourceName);
  }

  /** Where it is used. */
  private enum Use {
    /** Set, overridden, and one of the seven fields. */
    FIELD,
    /** Set and one of the seven fields; an exception to it makes no sense. */
    LASTING_FIELD,
    /** Set and overridden. */
    SETTING
  }
}
