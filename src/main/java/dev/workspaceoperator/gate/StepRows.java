package dev.workspaceoperator.gate;

import dev.workspaceoperator.gate.ledger.StepState;
import dev.workspaceoperator.gate.ledger.WorkspaceLedger;
import dev.workspaceoperator.sql.Column;
import dev.workspaceoperator.sql.Sql;
import java.util.List;
import java.util.UUID;

/** What a batch writes to steps. */
final class StepRows {
  private static final Sql INSERT_STEPS = Sql.load("gate/insertSteps");
  private static final Sql SETTLE_STEPS = Sql.load("gate/settleSteps");

  private final Admitted admitted = new Admitted();
  private final Settled settled = new Settled();

  /** Adds what changes in the steps of one workspace. */
  void add(WorkspaceLedger ledger) {
    UUID workspaceId = ledger.workspace().id();
    for (StepState step : ledger.batch().newSteps()) {
      admitted.add(workspaceId, step.identity());
    }
    for (StepState step : ledger.batch().steps()) {
      if (step.isChanged()) {
        settled.add(workspaceId, step);
      }
    }
  }

  List<Rows> rows() {
    return List.of(admitted.rows, settled.rows);
  }

  private static final class Admitted {
    private final Rows rows = new Rows(INSERT_STEPS);
    private final Column.Uuids workspaceIds = rows.uuids("new_step_workspace_ids");
    private final Column.Uuids runIds = rows.uuids("new_step_run_ids");
    private final Column.Uuids stepIds = rows.uuids("new_step_ids");
    private final Column.Texts names = rows.texts("new_step_names");
    private final Column.Texts labels = rows.texts("new_step_labels");
    private final Column.Bigints reserved = rows.bigints("new_step_reserved");
    private final Column.Times times = rows.times("new_step_admitted");

    void add(UUID workspaceId, StepState.Identity step) {
      workspaceIds.add(workspaceId);
      runIds.add(step.runId());
      stepIds.add(step.stepId());
      names.add(step.name().orElse(null));
      labels.add(Labels.write(step.labels()));
      reserved.add(step.reserved().micros());
      times.add(step.admittedAt());
    }
  }

  private static final class Settled {
    private final Rows rows = new Rows(SETTLE_STEPS);
    private final Column.Uuids workspaceIds = rows.uuids("settled_workspace_ids");
    private final Column.Uuids runIds = rows.uuids("settled_run_ids");
    private final Column.Uuids stepIds = rows.uuids("settled_step_ids");
    private final Column.Bigints reserved = rows.bigints("settled_reserved");
    private final Column.Times admitted = rows.times("settled_admitted");
    private final Column.Bigints costs = rows.bigints("settled_costs");
    private final Column.Times times = rows.times("settled_at");

    void add(UUID workspaceId, StepState step) {
      StepState.Settlement settlement = step.settlement().orElseThrow();
      workspaceIds.add(workspaceId);
      runIds.add(step.identity().runId());
      stepIds.add(step.identity().stepId());
      reserved.add(step.reserved());
      admitted.add(step.identity().admittedAt());
      costs.add(settlement.cost().micros());
      times.add(settlement.at());
    }
  }
}
