package dev.workspaceoperator.gate;

import dev.workspaceoperator.gate.ledger.DayBalance;
import dev.workspaceoperator.gate.ledger.RunState;
import dev.workspaceoperator.gate.ledger.StepState;
import dev.workspaceoperator.gate.ledger.WorkspaceBatch;
import dev.workspaceoperator.gate.ledger.WorkspaceState;
import dev.workspaceoperator.sql.WorkspaceRows;
import dev.workspaceoperator.workspace.EffectiveSettings;
import dev.workspaceoperator.workspace.Layers;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.RunStatus;
import dev.workspaceoperator.workspace.StoredWorkspace;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What the rows of the reading statements say. */
final class WorkspaceBatchRows {
  private WorkspaceBatchRows() {}

  /** A row of {@code gate/readWorkspaces.sql}. */
  static WorkspaceState workspace(ResultSet row, PlanDefaults planDefaults) throws SQLException {
    Instant now = instant(row, "now");
    Layers layers = WorkspaceRows.layers(row);
    return new WorkspaceState(
        uuid(row, "workspace_id"),
        StoredWorkspace.State.valueOf(row.getString("state")),
        EffectiveSettings.resolve(layers, planDefaults, now),
        layers.killSwitch(),
        row.getInt("active_runs"),
        now);
  }

  /** Enters a row of {@code gate/readRuns.sql}: one day of a run, or a run without any. */
  static void enterRun(ResultSet row, WorkspaceBatch batch) throws SQLException {
    UUID id = uuid(row, "run_id");
    @Nullable RunState known = batch.knownRun(id).orElse(null);
    RunState run = known == null ? run(row, id) : known;
    if (known == null) {
      batch.enter(run);
      long userSpent = row.getLong("user_spent_micro_usd");
      if (!row.wasNull()) {
        batch.enter(run.userId(), DayBalance.of(userSpent, row.getLong("user_reserved_micro_usd")));
      }
    }
    @Nullable LocalDate day = row.getObject("day", LocalDate.class);
    if (day != null) {
      run.books().putIfAbsent(day, book(row));
    }
  }

  /** A row of {@code gate/readSteps.sql}. */
  static StepState step(ResultSet row) throws SQLException {
    Optional<Instant> settledAt = optionalInstant(row, "settled_at");
    MicroUsd cost = new MicroUsd(row.getLong("cost_micro_usd"));
    return new StepState(
        new StepState.Identity(
            uuid(row, "run_id"),
            uuid(row, "step_id"),
            Optional.ofNullable(row.getString("name")),
            Labels.read(row.getString("labels")),
            new MicroUsd(row.getLong("reserved_micro_usd")),
            instant(row, "admitted_at")),
        settledAt.map(at -> new StepState.Settlement(cost, at)));
  }

  /** The books in a row. */
  static DayBalance book(ResultSet row) throws SQLException {
    return DayBalance.of(row.getLong("spent_micro_usd"), row.getLong("reserved_micro_usd"));
  }

  static UUID uuid(ResultSet row, String column) throws SQLException {
    return Objects.requireNonNull(row.getObject(column, UUID.class));
  }

  private static RunState run(ResultSet row, UUID id) throws SQLException {
    long maxCost = row.getLong("max_cost_micro_usd");
    Optional<MicroUsd> cap = row.wasNull() ? Optional.empty() : Optional.of(new MicroUsd(maxCost));
    RunState.Identity identity =
        new RunState.Identity(
            id,
            row.getString("user_id"),
            Labels.read(row.getString("labels")),
            row.getInt("lease_seconds"),
            cap,
            instant(row, "started_at"));
    RunStatus status = RunStatus.ofLabel(row.getString("status")).orElseThrow();
    Instant leaseExpiresAt = instant(row, "lease_expires_at");
    Optional<Instant> finishedAt = optionalInstant(row, "finished_at");
    return row.getBoolean("whole")
        ? RunState.stored(identity, status, leaseExpiresAt, finishedAt)
        : RunState.withoutBooks(identity, status, leaseExpiresAt, finishedAt);
  }

  static Instant instant(ResultSet row, String column) throws SQLException {
    return optionalInstant(row, column).orElseThrow();
  }

  private static Optional<Instant> optionalInstant(ResultSet row, String column)
      throws SQLException {
    return Optional.ofNullable(row.getObject(column, OffsetDateTime.class))
        .map(OffsetDateTime::toInstant);
  }
}
