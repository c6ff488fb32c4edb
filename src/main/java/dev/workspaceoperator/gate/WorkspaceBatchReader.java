package dev.workspaceoperator.gate;

import dev.workspaceoperator.gate.ledger.DayBalance;
import dev.workspaceoperator.gate.ledger.DecisionIds;
import dev.workspaceoperator.gate.ledger.WorkspaceBatch;
import dev.workspaceoperator.gate.ledger.WorkspaceLedger;
import dev.workspaceoperator.gate.ledger.WorkspaceState;
import dev.workspaceoperator.sql.Column;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.sql.WorkspaceRows;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.PlanDefaults;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads workspaces, and what is named of their runs and steps, into ledgers. */
final class WorkspaceBatchReader {
  private static final Sql READ_CLOCK = Sql.load("gate/readClock");
  private static final Sql READ_WORKSPACES = Sql.load("gate/readWorkspaces");
  private static final Sql READ_RUNS = Sql.load("gate/readRuns");
  private static final Sql READ_STEPS = Sql.load("gate/readSteps");

  private final PlanDefaults planDefaults;
  private final MicroUsd defaultReservation;
  private final DecisionIds ids;
  private final Map<UUID, WorkspaceLedger> ledgers = new HashMap<>();
  private final Set<UUID> ahead = new HashSet<>();

  WorkspaceBatchReader(PlanDefaults planDefaults, MicroUsd defaultReservation, DecisionIds ids) {
    this.planDefaults = planDefaults;
    this.defaultReservation = defaultReservation;
    this.ids = ids;
  }

  /** By workspace; one that there is not is absent. */
  Map<UUID, WorkspaceLedger> ledgers() {
    return ledgers;
  }

  /** The ledger of a workspace, if there is such a one. */
  Optional<WorkspaceLedger> ledger(UUID workspaceId) {
    return Optional.ofNullable(ledgers.get(workspaceId));
  }

  /** Reads the clock, then the workspaces. */
  void addWorkspaces(RoundTrip trip, ReadSet reads) {
    trip.add(READ_CLOCK, RoundTrip.Binding.NONE, RoundTrip.Reading.NONE);
    trip.add(
        READ_WORKSPACES,
        statement -> statement.column("workspace_ids", uuids(reads.workspaces())),
        this::enterWorkspace);
  }

  /**
   * The workspaces whose time is ahead of the clock, since that was set back. What {@link
   * #addEntities} reads of runs is of the clock's time: theirs is passed over, and has to be read
   * once more, whole.
   */
  Set<UUID> ahead() {
    return ahead;
  }

  /** Reads the runs and steps that are named. */
  void addEntities(RoundTrip trip, ReadSet reads) {
    if (!reads.runs().isEmpty()) {
      trip.add(
          READ_RUNS,
          statement -> bindRuns(statement, reads),
          row -> {
            if (!ahead.contains(WorkspaceBatchRows.uuid(row, "workspace_id"))) {
              enterRun(row);
            }
          });
    }
    addSteps(trip, reads);
  }

  /** Reads further runs and steps, in the time of their workspaces, which is known by now. */
  void addMore(RoundTrip trip, ReadSet reads) {
    if (!reads.runs().isEmpty()) {
      trip.add(READ_RUNS, statement -> bindRuns(statement, reads), this::enterRun);
    }
    addSteps(trip, reads);
  }

  private void addSteps(RoundTrip trip, ReadSet reads) {
    if (!reads.steps().isEmpty()) {
      trip.add(
          READ_STEPS,
          statement -> bindSteps(statement, reads),
          row -> batch(row).enter(WorkspaceBatchRows.step(row)));
    }
  }

  /** Enters a row as {@code gate/readRuns.sql} gives it. */
  void enterRun(ResultSet row) throws SQLException {
    WorkspaceBatchRows.enterRun(row, batch(row));
  }

  /** What is known of the workspace of a row. */
  WorkspaceBatch batch(ResultSet row) throws SQLException {
    return Objects.requireNonNull(ledgers.get(WorkspaceBatchRows.uuid(row, "workspace_id")))
        .batch();
  }

  static Column.Uuids uuids(Iterable<UUID> ids) {
    Column.Uuids column = new Column.Uuids();
    ids.forEach(column::add);
    return column;
  }

  private void enterWorkspace(ResultSet row) throws SQLException {
    WorkspaceState workspace = WorkspaceBatchRows.workspace(row, planDefaults);
    LocalDate today = LocalDate.ofInstant(workspace.now(), ZoneOffset.UTC);
    @Nullable LocalDate newest = row.getObject("day", LocalDate.class);
    WorkspaceBatch batch =
        new WorkspaceBatch(
            today,
            today.equals(newest) ? WorkspaceBatchRows.book(row) : DayBalance.empty(),
            WorkspaceRows.month(row));
    if (row.getBoolean("ahead")) {
      ahead.add(workspace.id());
    }
    ledgers.put(workspace.id(), new WorkspaceLedger(workspace, batch, ids, defaultReservation));
  }

  private void bindRuns(NamedStatement statement, ReadSet reads) throws SQLException {
    Column.Uuids workspaces = new Column.Uuids();
    Column.Uuids runs = new Column.Uuids();
    Column.Flags wholes = new Column.Flags();
    Column.Dates userDays = new Column.Dates();
    RunIdRange range = new RunIdRange();
    reads
        .runs()
        .forEach((run, whole) -> {
          workspaces.add(run.workspaceId());
          runs.add(run.runId());
          wholes.add(whole);
          userDays.add(
              ledger(run.workspaceId()).map(ledger -> ledger.batch().today()).orElse(null));
          range.include(run.runId());
        });
    range.bind(statement, "first_run_id", "last_run_id");
    statement
        .column("run_workspace_ids", workspaces)
        .column("run_ids", runs)
        .column("run_wholes", wholes)
        .column("run_user_days", userDays);
  }

  private static void bindSteps(NamedStatement statement, ReadSet reads) throws SQLException {
    Column.Uuids workspaces = new Column.Uuids();
    Column.Uuids runs = new Column.Uuids();
    Column.Uuids steps = new Column.Uuids();
    RunIdRange range = new RunIdRange();
    for (ReadSet.StepKey step : reads.steps()) {
      workspaces.add(step.workspaceId());
      runs.add(step.runId());
      range.include(step.runId());
      steps.add(step.stepId());
    }
    range.bind(statement, "first_step_run_id", "last_step_run_id");
    statement
        .column("step_workspace_ids", workspaces)
        .column("step_run_ids", runs)
        .column("step_ids", steps);
  }
}
