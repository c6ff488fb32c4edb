package dev.workspaceoperator.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.BudgetState;
import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.KillLatch.Holder;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.PlanRefusal;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.RunStatus;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Metrics call a refusal what its answer does. */
class RefusalCodesTest {
  private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
  private static final ResourceIdentity MANIFEST = new ResourceIdentity("c", "n", "w");

  @ParameterizedTest
  @MethodSource("refusals")
  void codesAreThoseOfTheAnswers(Refusal refusal) {
    assertThat(refusal.code()).isEqualTo(RefusalProblems.of(refusal, "run").code().name());
  }

  @Test
  void everyKindOfRefusalIsTried() {
    assertThat(refusals().map(Refusal::getClass).collect(Collectors.<Class<?>>toSet()))
        .isEqualTo(Set.copyOf(Arrays.asList(Refusal.class.getPermittedSubclasses())));
  }

  private static Stream<Refusal> refusals() {
    return Stream.of(
        new Refusal.NotFound(),
        new Refusal.PreconditionFailed(),
        new Refusal.ManagedDeclaratively(MANIFEST, List.of("name")),
        new Refusal.PlanTooLow(List.of(new PlanRefusal("a", "b", Plan.BASIC, Plan.PRO))),
        held(Holder.PLATFORM),
        held(Holder.DECLARED),
        new Refusal.Archived(),
        new Refusal.IdempotencyKeyReused(),
        new Refusal.KillSwitchActive(latch(Holder.RUNTIME)),
        new Refusal.RunNotRunning(RunStatus.FAILED),
        new Refusal.RunCancelled(),
        new Refusal.MaxConcurrentRunsExceeded(1, 1),
        new Refusal.RunBudgetExceeded(budget()),
        new Refusal.DailyBudgetExceeded(budget()),
        new Refusal.MonthlyBudgetExceeded(budget()),
        new Refusal.UserDailyBudgetExceeded(budget()),
        new Refusal.StepAlreadySettled(MicroUsd.ZERO),
        new Refusal.StepClosed(NOW));
  }

  private static BudgetState budget() {
    return new BudgetState(
        new Budget(1), MicroUsd.ZERO, MicroUsd.ZERO, MicroUsd.ZERO, Optional.of(NOW));
  }

  private static Refusal held(Holder holder) {
    return new Refusal.KillSwitchHeld(latch(holder), Set.of(), MANIFEST);
  }

  private static KillLatch latch(Holder holder) {
    return new KillLatch(holder, NOW, Optional.empty());
  }
}
