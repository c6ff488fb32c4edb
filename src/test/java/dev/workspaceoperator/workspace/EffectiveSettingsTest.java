package dev.workspaceoperator.workspace;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class EffectiveSettingsTest {
  private static final Instant NOW = Instant.parse("2030-01-31T12:00:00Z");
  private static final Instant LATER = NOW.plusSeconds(60);
  private static final SettingValues DECLARED = values("declared", 10, 11, 12);
  private static final SettingValues RUNTIME = values("runtime", 20, 21, 22);

  @Test
  void nothingSaidMeansTheDefaults() {
    EffectiveSettings effective = resolve(Plan.PRO, SettingValues.NONE, SettingValues.NONE);
    assertThat(effective.text(Setting.NAME))
        .isEqualTo(EffectiveValue.of("the-resource", Source.DEFAULT));
    assertThat(effective.budget(Setting.DAILY_BUDGET))
        .isEqualTo(EffectiveValue.of(Budget.UNLIMITED, Source.DEFAULT));
    assertThat(effective.budget(Setting.USER_DAILY_BUDGET))
        .isEqualTo(EffectiveValue.of(Budget.UNLIMITED, Source.DEFAULT));
    assertThat(effective.count(Setting.MAX_CONCURRENT_RUNS))
        .isEqualTo(EffectiveValue.of(10, Source.PLAN_DEFAULT));
    assertThat(effective.killSwitch()).isEqualTo(EffectiveValue.of(false, Source.DEFAULT));
  }

  /** On Basic too: a downgrade lifts no limit. */
  @ParameterizedTest
  @EnumSource(Plan.class)
  void theInstallationsBudgetsAreInForceWhereNeitherLayerSaysMore(Plan plan) {
    PlanDefaults defaults =
        PlanDefaults.STANDARD.withBudgets(new Budget(7_000_000), new Budget(500_000));

    EffectiveSettings silent =
        EffectiveSettings.resolve(
            layers(plan, SettingValues.NONE, SettingValues.NONE), defaults, NOW);
    assertThat(silent.budget(Setting.DAILY_BUDGET))
        .isEqualTo(EffectiveValue.of(new Budget(7_000_000), Source.DEFAULT));
    assertThat(silent.budget(Setting.USER_DAILY_BUDGET))
        .isEqualTo(EffectiveValue.of(new Budget(500_000), Source.DEFAULT));

    SettingValues unlimited =
        SettingValues.NONE
            .with(Setting.DAILY_BUDGET, Optional.of(Budget.UNLIMITED))
            .with(Setting.USER_DAILY_BUDGET, Optional.of(Budget.UNLIMITED));
    EffectiveSettings declared =
        EffectiveSettings.resolve(layers(plan, unlimited, RUNTIME), defaults, NOW);
    assertThat(declared.budget(Setting.DAILY_BUDGET))
        .isEqualTo(EffectiveValue.of(Budget.UNLIMITED, Source.DECLARED));
    assertThat(declared.budget(Setting.USER_DAILY_BUDGET))
        .isEqualTo(EffectiveValue.of(Budget.UNLIMITED, Source.DECLARED));
  }

  @Test
  void theRestApiSpeaksWhereTheManifestIsSilent() {
    EffectiveSettings effective = resolve(Plan.PRO, SettingValues.NONE, RUNTIME);
    assertThat(effective.text(Setting.NAME))
        .isEqualTo(EffectiveValue.of("runtime", Source.RUNTIME));
    assertThat(effective.budget(Setting.DAILY_BUDGET))
        .isEqualTo(EffectiveValue.of(new Budget(20), Source.RUNTIME));
    assertThat(effective.budget(Setting.USER_DAILY_BUDGET))
        .isEqualTo(EffectiveValue.of(new Budget(21), Source.RUNTIME));
    assertThat(effective.count(Setting.MAX_CONCURRENT_RUNS))
        .isEqualTo(EffectiveValue.of(22, Source.RUNTIME));
  }

  @Test
  void theManifestBeatsTheRestApi() {
    EffectiveSettings effective = resolve(Plan.PRO, DECLARED, RUNTIME);
    assertThat(effective.text(Setting.NAME))
        .isEqualTo(EffectiveValue.of("declared", Source.DECLARED));
    assertThat(effective.budget(Setting.DAILY_BUDGET))
        .isEqualTo(EffectiveValue.of(new Budget(10), Source.DECLARED));
    assertThat(effective.budget(Setting.USER_DAILY_BUDGET))
        .isEqualTo(EffectiveValue.of(new Budget(11), Source.DECLARED));
    assertThat(effective.count(Setting.MAX_CONCURRENT_RUNS))
        .isEqualTo(EffectiveValue.of(12, Source.DECLARED));
  }

  @Test
  void aLiveOverrideBeatsBoth() {
    EffectiveSettings effective =
        resolve(
            Plan.PRO,
            DECLARED,
            RUNTIME,
            override(1, Setting.DAILY_BUDGET, 30, LATER, NOW),
            override(2, Setting.USER_DAILY_BUDGET, Long.MAX_VALUE, LATER, NOW),
            override(3, Setting.MAX_CONCURRENT_RUNS, 32, LATER, NOW));
    assertThat(effective.text(Setting.NAME).source()).isEqualTo(Source.DECLARED);
    assertThat(effective.budget(Setting.DAILY_BUDGET)).isEqualTo(overridden(new Budget(30)));
    assertThat(effective.budget(Setting.USER_DAILY_BUDGET)).isEqualTo(overridden(Budget.UNLIMITED));
    assertThat(effective.count(Setting.MAX_CONCURRENT_RUNS)).isEqualTo(overridden(32));
  }

  @Test
  void anOverrideEndsAtItsEndAndNotAfterIt() {
    assertThat(
            resolve(
                    Plan.PRO,
                    DECLARED,
                    RUNTIME,
                    override(1, Setting.DAILY_BUDGET, 30, NOW, NOW.minusSeconds(60)))
                .budget(Setting.DAILY_BUDGET))
        .isEqualTo(EffectiveValue.of(new Budget(10), Source.DECLARED));
    assertThat(
            resolve(
                    Plan.PRO,
                    DECLARED,
                    RUNTIME,
                    override(1, Setting.DAILY_BUDGET, 30, NOW.plusNanos(1), NOW.minusSeconds(60)))
                .budget(Setting.DAILY_BUDGET)
                .value())
        .isEqualTo(new Budget(30));
  }

  @Test
  void theNewestOfSeveralLiveOverridesCounts() {
    SettingsOverride older = override(9, Setting.DAILY_BUDGET, 30, LATER, NOW.minusSeconds(2));
    SettingsOverride newer = override(1, Setting.DAILY_BUDGET, 31, LATER, NOW.minusSeconds(1));
    SettingsOverride ended = override(5, Setting.DAILY_BUDGET, 32, NOW, NOW);
    for (List<SettingsOverride> order :
        List.of(List.of(older, newer, ended), List.of(ended, newer, older))) {
      assertThat(
              resolve(Plan.PRO, DECLARED, RUNTIME, order.toArray(SettingsOverride[]::new))
                  .budget(Setting.DAILY_BUDGET)
                  .value())
          .isEqualTo(new Budget(31));
    }
  }

  @Test
  void ofTwoOverridesMadeAtOnceTheGreaterIdCounts() {
    assertThat(
            resolve(
                    Plan.PRO,
                    DECLARED,
                    RUNTIME,
                    override(2, Setting.DAILY_BUDGET, 32, LATER, NOW),
                    override(1, Setting.DAILY_BUDGET, 31, LATER, NOW))
                .budget(Setting.DAILY_BUDGET)
                .value())
        .isEqualTo(new Budget(32));
  }

  @ParameterizedTest
  @CsvSource({"BASIC, 3", "PRO, 10", "SCALE, 50", "ENTERPRISE, 200"})
  void eachPlanHasItsDefaultCap(Plan plan, int cap) {
    assertThat(
            resolve(plan, SettingValues.NONE, SettingValues.NONE)
                .count(Setting.MAX_CONCURRENT_RUNS))
        .isEqualTo(EffectiveValue.of(cap, Source.PLAN_DEFAULT));
  }

  @Test
  void basicRunsAtThreeWhateverElseWasSaid() {
    EffectiveSettings effective =
        resolve(
            Plan.BASIC,
            DECLARED,
            RUNTIME,
            override(1, Setting.MAX_CONCURRENT_RUNS, 32, LATER, NOW));
    assertThat(effective.count(Setting.MAX_CONCURRENT_RUNS))
        .isEqualTo(EffectiveValue.of(3, Source.PLAN_DEFAULT));
    assertThat(effective.budget(Setting.USER_DAILY_BUDGET))
        .as("a downgrade never lifts a money limit")
        .isEqualTo(EffectiveValue.of(new Budget(11), Source.DECLARED));
  }

  @Test
  void aDeclaredThreeOnBasicIsDeclared() {
    assertThat(
            resolve(Plan.BASIC, values("a", 1, 1, 3), RUNTIME).count(Setting.MAX_CONCURRENT_RUNS))
        .isEqualTo(EffectiveValue.of(3, Source.DECLARED));
  }

  @Test
  void theKillSwitchIsOnWhileAnyLatchIsAndNamesTheStrongest() {
    KillLatch runtime = new KillLatch(KillLatch.Holder.RUNTIME, NOW, Optional.empty());
    KillLatch declared = new KillLatch(KillLatch.Holder.DECLARED, NOW, Optional.empty());
    KillLatch platform = new KillLatch(KillLatch.Holder.PLATFORM, NOW, Optional.empty());
    assertThat(killSwitch(runtime)).isEqualTo(EffectiveValue.of(true, Source.RUNTIME));
    assertThat(killSwitch(runtime, declared)).isEqualTo(EffectiveValue.of(true, Source.DECLARED));
    assertThat(killSwitch(runtime, platform, declared))
        .isEqualTo(EffectiveValue.of(true, Source.PLATFORM));
    assertThat(killSwitch()).isEqualTo(EffectiveValue.of(false, Source.DEFAULT));
  }

  @Test
  void aKillSwitchThatIsOffIsDeclaredWhereTheManifestSaysSo() {
    KillLatch runtime = new KillLatch(KillLatch.Holder.RUNTIME, NOW, Optional.empty());
    DeclaredSettings saysOff = DeclaredSettings.NONE.released();
    assertThat(killSwitch(saysOff)).isEqualTo(EffectiveValue.of(false, Source.DECLARED));
    assertThat(killSwitch(saysOff, runtime)).isEqualTo(EffectiveValue.of(true, Source.RUNTIME));
  }

  private static EffectiveValue<Boolean> killSwitch(KillLatch... latches) {
    return killSwitch(DeclaredSettings.NONE, latches);
  }

  private static EffectiveValue<Boolean> killSwitch(
      DeclaredSettings declared, KillLatch... latches) {
    Layers layers =
        new Layers(
            "the-resource",
            declared,
            SettingValues.NONE,
            List.of(),
            new KillSwitch(List.of(latches)));
    return EffectiveSettings.resolve(layers, PlanDefaults.STANDARD, NOW).killSwitch();
  }

  private static EffectiveSettings resolve(
      Plan plan, SettingValues declared, SettingValues runtime, SettingsOverride... overrides) {
    return EffectiveSettings.resolve(
        layers(plan, declared, runtime, overrides), PlanDefaults.STANDARD, NOW);
  }

  private static Layers layers(
      Plan plan, SettingValues declared, SettingValues runtime, SettingsOverride... overrides) {
    return new Layers(
        "the-resource",
        new DeclaredSettings(plan, declared, Optional.empty(), Optional.empty()),
        runtime,
        List.of(overrides),
        KillSwitch.OFF);
  }

  private static SettingsOverride override(
      long id, Setting setting, long value, Instant expiresAt, Instant createdAt) {
    return new SettingsOverride(new UUID(0, id), setting, value, expiresAt, createdAt);
  }

  private static <T> EffectiveValue<T> overridden(T value) {
    return new EffectiveValue<>(value, Source.OVERRIDE, Optional.of(LATER));
  }

  private static SettingValues values(String name, long budget, long userBudget, int runs) {
    return TestSettings.values(
        Optional.of(name),
        Optional.of(new Budget(budget)),
        Optional.of(new Budget(userBudget)),
        Optional.of(runs));
  }
}
