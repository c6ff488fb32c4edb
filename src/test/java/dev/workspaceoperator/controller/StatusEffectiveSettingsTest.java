package dev.workspaceoperator.controller;

import static dev.workspaceoperator.controller.Statuses.conditions;
import static dev.workspaceoperator.controller.Statuses.decided;
import static dev.workspaceoperator.controller.Statuses.effective;
import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.crd.WorkspaceStatus;
import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingType;
import dev.workspaceoperator.workspace.SettingValues;
import dev.workspaceoperator.workspace.SettingsOverride;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class StatusEffectiveSettingsTest {
  private final Sample sample = new Sample();

  @ParameterizedTest
  @CsvSource({
    "100, 100",
    "100.00, 100",
    "25.50, 25.5",
    "0, 0",
    "0.000001, 0.000001",
    "1000000000, 1000000000",
    "unlimited, unlimited"
  })
  void budgetsArePrintedPlain(String declared, String printed) {
    sample.declared = Sample.declaring(Plan.BASIC, Sample.dailyBudget(declared));
    assertThat(effective(decided(sample)).dailyBudgetUsd())
        .isEqualTo(new WorkspaceStatus.EffectiveField<>(printed, "Declared", null));
  }

  @Test
  void whatNobodySetIsTheDefault() {
    sample.declared = Sample.plan(Plan.PRO);
    assertThat(effective(decided(sample)))
        .isEqualTo(
            new WorkspaceStatus.Effective(
                new WorkspaceStatus.EffectiveField<>("my-team", "Default", null),
                new WorkspaceStatus.EffectiveField<>(Budget.UNLIMITED_WORD, "Default", null),
                new WorkspaceStatus.EffectiveField<>(Budget.UNLIMITED_WORD, "Default", null),
                new WorkspaceStatus.EffectiveField<>(Budget.UNLIMITED_WORD, "Default", null),
                new WorkspaceStatus.EffectiveField<>(10, "PlanDefault", null),
                new WorkspaceStatus.EffectiveField<>(false, "Default", null)));
  }

  @ParameterizedTest
  @EnumSource(Setting.class)
  void everySettingIsToldWithItsOwnValueAndNotAnothers(Setting setting) {
    int number = 7;
    Object value =
        switch (setting.type()) {
          case SettingType.Text _ -> "team " + number;
          case SettingType.Money _ -> new Budget(number * 1_000_000L);
          case SettingType.Count _ -> number;
        };
    sample.declared =
        Sample.declaring(Plan.ENTERPRISE, SettingValues.NONE.with(setting, Optional.of(value)));

    WorkspaceStatus.Effective told = effective(decided(sample));

    String printed = value instanceof Budget ? String.valueOf(number) : value.toString();
    for (Setting each : Setting.values()) {
      WorkspaceStatus.EffectiveField<?> field = Objects.requireNonNull(told.get(each));
      assertThat(field.source().equals("Declared")).as(each.specName()).isEqualTo(each == setting);
    }
    assertThat(Objects.requireNonNull(told.get(setting)).value()).hasToString(printed);
  }

  @Test
  void aBudgetOfTheInstallationIsShownAsDefaultAndCanBeExhausted() {
    sample.declared = Sample.plan(Plan.BASIC);
    sample.spentMicros = 7_000_000;
    StatusRenderer renderer =
        new StatusRenderer(
            PlanDefaults.STANDARD.withBudgets(new Budget(7_000_000), new Budget(500_000)));

    WorkspaceStatus status =
        renderer.decided(Statuses.UNOBSERVED, 4, sample.gathered(), Optional.empty());
    assertThat(effective(status).dailyBudgetUsd())
        .isEqualTo(new WorkspaceStatus.EffectiveField<>("7", "Default", null));
    assertThat(effective(status).userDailyBudgetUsd())
        .isEqualTo(new WorkspaceStatus.EffectiveField<>("0.5", "Default", null));
    assertThat(conditions(status))
        .containsExactly("Ready=True Synced", "BudgetExhausted=True DailyBudget");
  }

  @Test
  void anOverrideSaysUntilWhen() {
    sample.declared = Sample.declaring(Plan.BASIC, Sample.dailyBudget("100"));
    sample.spentMicros = 100_000_000;
    sample.overrides =
        List.of(
            new SettingsOverride(
                new UUID(0, 1),
                Setting.DAILY_BUDGET,
                250_000_000,
                Sample.NOW.plusSeconds(30),
                Sample.NOW.minusSeconds(30)));
    WorkspaceStatus during = decided(sample);
    assertThat(effective(during).dailyBudgetUsd())
        .isEqualTo(new WorkspaceStatus.EffectiveField<>("250", "Override", "2030-01-31T12:00:30Z"));
    assertThat(conditions(during)).containsExactly("Ready=True Synced");

    sample.now = Sample.NOW.plusSeconds(30);
    WorkspaceStatus after = decided(sample, during);
    assertThat(effective(after).dailyBudgetUsd())
        .isEqualTo(new WorkspaceStatus.EffectiveField<>("100", "Declared", null));
    assertThat(conditions(after))
        .containsExactly("Ready=True Synced", "BudgetExhausted=True DailyBudget");
  }

  @Test
  void theHeadOfTheAuditChainIsShown() {
    assertThat(decided(sample).audit())
        .isEqualTo(new WorkspaceStatus.AuditStatus(12L, "ab".repeat(32)));
  }
}
