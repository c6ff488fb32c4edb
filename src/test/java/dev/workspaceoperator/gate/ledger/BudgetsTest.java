package dev.workspaceoperator.gate.ledger;

import static dev.workspaceoperator.gate.GateFixture.done;
import static dev.workspaceoperator.gate.GateFixture.refusal;
import static dev.workspaceoperator.gate.ledger.LedgerFixture.enter;
import static dev.workspaceoperator.gate.ledger.LedgerFixture.ref;
import static dev.workspaceoperator.gate.ledger.LedgerFixture.running;
import static dev.workspaceoperator.gate.ledger.LedgerFixture.start;
import static dev.workspaceoperator.gate.ledger.LedgerFixture.step;
import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.workspace.Setting;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every setting that is a budget limits something: one that is only declared would be a promise.
 */
class BudgetsTest {
  static List<Setting> budgets() {
    return Setting.budgets();
  }

  @ParameterizedTest
  @MethodSource("budgets")
  void withNothingInItNoRunAndNoStepIsAdmittedAndARunIsToldToStop(Setting budget) {
    WorkspaceLedger ledger = new LedgerFixture().budget(budget, 0).ledger();
    RunState run = enter(ledger, running(Optional.empty()));

    String refused = refusal(ledger.start(start(Optional.empty()))).getClass().getSimpleName();

    assertThat(refused).endsWith("BudgetExceeded");
    assertThat(refusal(ledger.step(step(run, 1))).getClass().getSimpleName()).isEqualTo(refused);
    assertThat(done(ledger.heartbeat(ref(run.id()))).blocked())
        .hasValueSatisfying(
            block -> assertThat(block.name().replace("_", "")).isEqualToIgnoringCase(refused));
  }

  @ParameterizedTest
  @MethodSource("budgets")
  void aStepThatDoesNotFitIsRefusedThoughARunMayStart(Setting budget) {
    WorkspaceLedger ledger = new LedgerFixture().budget(budget, 5).ledger();
    RunState run = enter(ledger, running(Optional.empty()));

    done(ledger.start(start(Optional.empty())));
    assertThat(refusal(ledger.step(step(run, 6))).getClass().getSimpleName())
        .endsWith("BudgetExceeded");
    done(ledger.step(step(run, 5)));
  }
}
