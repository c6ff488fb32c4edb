package dev.workspaceoperator.gate;

import dev.workspaceoperator.gate.ledger.DayBalance;
import dev.workspaceoperator.gate.ledger.RunState;
import dev.workspaceoperator.gate.ledger.WorkspaceLedger;
import dev.workspaceoperator.sql.Column;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.workspace.MicroUsd;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a batch writes to runs and to their books. */
final class RunRows {
  private static final Sql SAVE_RUNS = Sql.load("gate/saveRuns");
  private static final Sql BOOK_RUN_DAYS = Sql.load("gate/bookRunDays");

  private final Runs runs = new Runs();
  private final Days days = new Days();

  /** Adds what changes in the runs of one workspace. */
  void add(WorkspaceLedger ledger) {
    UUID workspaceId = ledger.workspace().id();
    for (RunState run : ledger.batch().runs()) {
      if (run.isChanged()) {
        runs.add(workspaceId, run);
      }
      run.books()
          .forEach((day, book) -> {
            if (book.isChanged()) {
              days.add(workspaceId, run.id(), day, book);
            }
          });
    }
  }

  List<Rows> rows() {
    return List.of(runs.rows, days.rows);
  }

  /** Rows of {@code run}. */
  private static final class Runs {
    private final Rows rows = new Rows(SAVE_RUNS);
    private final Column.Uuids workspaceIds = rows.uuids("run_workspace_ids");
    private final Column.Uuids runIds = rows.uuids("run_ids");
    private final Column.Texts userIds = rows.texts("run_user_ids");
    private final Column.Texts labels = rows.texts("run_labels");
    private final Column.Bigints leaseSeconds = rows.bigints("run_lease_seconds");
    private final Column.Bigints maxCosts = rows.bigints("run_max_costs");
    private final Column.Texts statuses = rows.texts("run_statuses");
    private final Column.Times starts = rows.times("run_starts");
    private final Column.Times leases = rows.times("run_leases");
    private final Column.Times ends = rows.times("run_ends");
    private final Column.Texts reasons = rows.texts("run_cancel_reasons");
    private final Column.Texts actors = rows.texts("run_cancelled_by");

    void add(UUID workspaceId, RunState run) {
      RunState.Identity identity = run.identity();
      Optional<RunState.Cancellation> cancellation = run.cancellation();
      @Nullable Long maxCost = identity.maxCost().map(MicroUsd::micros).orElse(null);
      workspaceIds.add(workspaceId);
      runIds.add(identity.runId());
      userIds.add(identity.userId());
      labels.add(Labels.write(identity.labels()));
      leaseSeconds.add(identity.leaseSeconds());
      maxCosts.addNullable(maxCost);
      statuses.add(run.status().label());
      starts.add(identity.startedAt());
      leases.add(run.leaseExpiresAt());
      ends.add(run.finishedAt().orElse(null));
      reasons.add(cancellation.map(RunState.Cancellation::reason).orElse(null));
      actors.add(cancellation.map(RunState.Cancellation::actor).orElse(null));
    }
  }

  /** Rows of {@code run_day}. */
  private static final class Days {
    private final Rows rows = new Rows(BOOK_RUN_DAYS);
    private final Column.Uuids workspaceIds = rows.uuids("run_day_workspace_ids");
    private final Column.Uuids runIds = rows.uuids("run_day_run_ids");
    private final Column.Dates days = rows.dates("run_days");
    private final Column.Bigints spent = rows.bigints("run_day_spent");
    private final Column.Bigints reserved = rows.bigints("run_day_reserved");

    void add(UUID workspaceId, UUID runId, LocalDate day, DayBalance book) {
      workspaceIds.add(workspaceId);
      runIds.add(runId);
      days.add(day);
      spent.add(book.spentChange());
      reserved.add(book.reservedChange());
    }
  }
}
