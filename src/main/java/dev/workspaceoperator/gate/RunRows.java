package dev.workspaceoperator.gate;

import dev.workspaceoperator.store.Column;
import dev.workspaceoperator.store.Sql;
import dev.workspaceoperator.workspace.MicroUsd;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a batch writes to runs and to their books. */
final class RunRows {
  private static final Sql INSERT_RUNS = Sql.load("gate/insertRuns");
  private static final Sql UPDATE_RUNS = Sql.load("gate/updateRuns");
  private static final Sql INSERT_RUN_DAYS = Sql.load("gate/insertRunDays");
  private static final Sql UPDATE_RUN_DAYS = Sql.load("gate/updateRunDays");

  private final RunIdRange range;
  private final Inserts inserts = new Inserts();
  private final Updates updates = new Updates();
  private final Days newDays = new Days(INSERT_RUN_DAYS, "new_");
  private final Days days = new Days(UPDATE_RUN_DAYS, "");

  RunRows(RunIdRange range) {
    this.range = range;
  }

  /** Adds what changes in the runs of one workspace. */
  void add(WorkspaceLedger ledger) {
    UUID workspaceId = ledger.workspace().id();
    for (RunState run : ledger.sheet().runs()) {
      if (!run.isStored()) {
        inserts.add(workspaceId, run);
      } else if (run.isChanged()) {
        range.include(run.id());
        updates.add(workspaceId, run);
      }
      run.books()
          .forEach((day, book) -> {
            if (book.isChanged()) {
              range.include(run.id());
              (book.isStored() ? days : newDays).add(workspaceId, run.id(), day, book);
            }
          });
    }
  }

  List<Rows> rows() {
    return List.of(inserts.rows, updates.rows, newDays.rows, days.rows);
  }

  /** Rows of {@code run} that are new. */
  private static final class Inserts {
    private final Rows rows = new Rows(INSERT_RUNS);
    private final Column.Uuids workspaceIds = rows.uuids("new_run_workspace_ids");
    private final Column.Uuids runIds = rows.uuids("new_run_ids");
    private final Column.Texts userIds = rows.texts("new_run_user_ids");
    private final Column.Texts labels = rows.texts("new_run_labels");
    private final Column.Bigints leaseSeconds = rows.bigints("new_run_lease_seconds");
    private final Column.Bigints maxCosts = rows.bigints("new_run_max_costs");
    private final Column.Texts statuses = rows.texts("new_run_statuses");
    private final Column.Times starts = rows.times("new_run_starts");
    private final Column.Times leases = rows.times("new_run_leases");
    private final Column.Times ends = rows.times("new_run_ends");

    void add(UUID workspaceId, RunState run) {
      RunState.Identity identity = run.identity();
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
    }
  }

  /** Rows of {@code run} that change. */
  private static final class Updates {
    private final Rows rows = new Rows(UPDATE_RUNS);
    private final Column.Uuids workspaceIds = rows.uuids("run_workspace_ids");
    private final Column.Uuids runIds = rows.uuids("run_ids");
    private final Column.Texts statuses = rows.texts("run_statuses");
    private final Column.Times leases = rows.times("run_leases");
    private final Column.Times ends = rows.times("run_ends");
    private final Column.Texts reasons = rows.texts("run_cancel_reasons");
    private final Column.Texts actors = rows.texts("run_cancelled_by");

    void add(UUID workspaceId, RunState run) {
      Optional<RunState.Cancellation> cancellation = run.cancellation();
      workspaceIds.add(workspaceId);
      runIds.add(run.id());
      statuses.add(run.status().label());
      leases.add(run.leaseExpiresAt());
      ends.add(run.finishedAt().orElse(null));
      reasons.add(cancellation.map(RunState.Cancellation::reason).orElse(null));
      actors.add(cancellation.map(RunState.Cancellation::actor).orElse(null));
    }
  }

  /** Rows of {@code run_day}. */
  private static final class Days {
    private final Rows rows;
    private final Column.Uuids workspaceIds;
    private final Column.Uuids runIds;
    private final Column.Dates days;
    private final Column.Bigints spent;
    private final Column.Bigints reserved;

    Days(Sql sql, String prefix) {
      rows = new Rows(sql);
      workspaceIds = rows.uuids(prefix + "run_day_workspace_ids");
      runIds = rows.uuids(prefix + "run_day_run_ids");
      days = rows.dates(prefix + "run_days");
      spent = rows.bigints(prefix + "run_day_spent");
      reserved = rows.bigints(prefix + "run_day_reserved");
    }

    void add(UUID workspaceId, UUID runId, LocalDate day, Book book) {
      workspaceIds.add(workspaceId);
      runIds.add(runId);
      days.add(day);
      spent.add(book.spentChange());
      reserved.add(book.reservedChange());
    }
  }
}
