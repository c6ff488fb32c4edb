package dev.workspaceoperator.gate;

import dev.workspaceoperator.store.Call;
import dev.workspaceoperator.store.Column;
import dev.workspaceoperator.store.PlatformLatch;
import dev.workspaceoperator.store.Sql;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.RunRef;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * The first round trip of a batch: marks it, takes its locks in their one order (platform, then
 * workspaces by id), then reads the clock, and everything that it needs. Whatever belongs to a
 * workspace is written under the lock of its row, so what is read here stays so until the COMMIT.
 */
final class BatchReader {
  /** Most runs of a workspace that one batch expires. */
  static final int DEAD_RUNS_MAX = 500;

  private static final Sql MARK_BATCH = Sql.load("gate/markBatch");
  private static final Sql LOCK_WORKSPACES = Sql.load("gate/lockWorkspaces");
  private static final Sql READ_CLOCK = Sql.load("gate/readClock");
  private static final Sql READ_WORKSPACES = Sql.load("gate/readWorkspaces");
  private static final Sql READ_RUNS = Sql.load("gate/readRuns");
  private static final Sql READ_DEAD_RUNS = Sql.load("gate/readDeadRuns");
  private static final Sql READ_USERS = Sql.load("gate/readUsers");
  private static final Sql READ_STEPS = Sql.load("gate/readSteps");
  private static final Sql READ_ANSWERS = Sql.load("gate/readAnswers");

  private final PlanDefaults planDefaults;
  private final MicroUsd defaultReservation;
  private final Pipelines pipelines = new Pipelines();

  BatchReader(PlanDefaults planDefaults, MicroUsd defaultReservation) {
    this.planDefaults = planDefaults;
    this.defaultReservation = defaultReservation;
  }

  /**
   * Reads; the transaction is open then, and holds its locks.
   *
   * @return by workspace; one that there is not is absent
   */
  Map<UUID, WorkspaceLedger> read(
      Connection connection, BatchMark mark, Needs needs, DecisionIds ids) throws SQLException {
    Map<UUID, WorkspaceLedger> ledgers = new HashMap<>();
    Needs replayed = new Needs();
    List<Part> parts = new ArrayList<>();
    parts.add(mark(mark));
    parts.add(holdPlatformLatch());
    parts.add(lockWorkspaces(needs));
    parts.add(new Part(READ_CLOCK, _ -> {}, _ -> {}));
    parts.add(
        new Part(
            READ_WORKSPACES,
            _ -> {},
            row -> ledgers.put(SheetRows.uuid(row, "workspace_id"), ledger(row, ids))));
    addEntities(parts, needs, ledgers);
    addStarts(parts, needs, ledgers);
    if (!needs.answers().isEmpty()) {
      parts.add(answers(needs, ledgers, replayed));
    }
    run(connection, parts);
    if (!replayed.runs().isEmpty()) {
      List<Part> more = new ArrayList<>();
      addEntities(more, replayed, ledgers);
      run(connection, more);
    }
    return ledgers;
  }

  private void run(Connection connection, List<Part> parts) throws SQLException {
    Sql pipeline = pipelines.of(parts.stream().map(Part::sql).toList());
    try (Call call = Call.of(connection, pipeline)) {
      for (Part part : parts) {
        part.binding().bind(call);
      }
      call.run();
      for (Part part : parts) {
        if (part.reading().isPresent()) {
          readAll(call.nextRows(), part.reading().get());
        }
      }
    }
  }

  private static void readAll(ResultSet rows, Reading reading) throws SQLException {
    while (rows.next()) {
      reading.read(rows);
    }
  }

  private static Part mark(BatchMark mark) {
    return new Part(
        MARK_BATCH,
        call -> call.uuid("lane_id", mark.laneId()).bigint("batch", mark.batch()),
        Optional.empty());
  }

  private static Part holdPlatformLatch() {
    return new Part(
        PlatformLatch.SHARE,
        call -> call.bigint(PlatformLatch.PARAMETER, PlatformLatch.LOCK),
        _ -> {});
  }

  private static Part lockWorkspaces(Needs needs) {
    return new Part(
        LOCK_WORKSPACES, call -> call.column("workspace_ids", uuids(needs.workspaces())), _ -> {});
  }

  private WorkspaceLedger ledger(ResultSet row, DecisionIds ids) throws SQLException {
    WorkspaceState workspace = SheetRows.workspace(row, planDefaults);
    LocalDate today = LocalDate.ofInstant(workspace.now(), ZoneOffset.UTC);
    boolean begun = today.equals(row.getObject("day", LocalDate.class));
    Sheet sheet = new Sheet(today, begun ? SheetRows.book(row) : Book.empty());
    return new WorkspaceLedger(workspace, sheet, ids, defaultReservation);
  }

  /** The runs and steps that are named. */
  private static void addEntities(
      List<Part> parts, Needs needs, Map<UUID, WorkspaceLedger> ledgers) {
    if (!needs.runs().isEmpty()) {
      parts.add(
          new Part(
              READ_RUNS,
              call -> bindRuns(call, needs),
              row -> SheetRows.enterRun(row, sheet(row, ledgers))));
    }
    if (!needs.steps().isEmpty()) {
      parts.add(
          new Part(
              READ_STEPS,
              call -> bindSteps(call, needs),
              row -> sheet(row, ledgers).enter(SheetRows.step(row))));
    }
  }

  /** What bears on runs that are to start: dead runs, and the books of the users. */
  private static void addStarts(List<Part> parts, Needs needs, Map<UUID, WorkspaceLedger> ledgers) {
    if (!needs.workspacesWithDeadRuns().isEmpty()) {
      parts.add(
          new Part(
              READ_DEAD_RUNS,
              call ->
                  call.column("starting_workspace_ids", uuids(needs.workspacesWithDeadRuns()))
                      .bigint("dead_runs_max", (long) DEAD_RUNS_MAX),
              row -> SheetRows.enterRun(row, sheet(row, ledgers))));
    }
    if (!needs.users().isEmpty()) {
      parts.add(
          new Part(
              READ_USERS,
              call -> bindUsers(call, needs),
              row -> sheet(row, ledgers).enter(row.getString("user_id"), SheetRows.book(row))));
    }
  }

  /** The answers that are kept, and what is to be read to give them again. */
  private static Part answers(Needs needs, Map<UUID, WorkspaceLedger> ledgers, Needs replayed) {
    return new Part(
        READ_ANSWERS,
        call -> bindAnswers(call, needs),
        row -> {
          UUID workspaceId = SheetRows.uuid(row, "workspace_id");
          String key = row.getString("key");
          KeptAnswer kept =
              new KeptAnswer(
                  row.getString("fingerprint"),
                  row.getString("effect_kind"),
                  SheetRows.uuid(row, "effect_id"));
          sheet(row, ledgers).enter(key, kept);
          for (Needs.AnswerKey asked : needs.answers()) {
            if (asked.workspaceId().equals(workspaceId) && asked.key().key().equals(key)) {
              need(replayed, asked, kept);
            }
          }
        });
  }

  private static void need(Needs replayed, Needs.AnswerKey asked, KeptAnswer kept) {
    String fingerprint = asked.key().fingerprint();
    if (asked.run().isEmpty() && kept.isOf(fingerprint, KeptAnswer.RUN)) {
      replayed.run(RunRef.of(asked.workspaceId(), kept.effectId()));
    } else if (asked.run().isPresent() && kept.isOf(fingerprint, KeptAnswer.STEP)) {
      replayed.run(asked.run().get());
      replayed.step(asked.run().get(), kept.effectId());
    }
  }

  private static void bindRuns(Call call, Needs needs) throws SQLException {
    Column.Uuids workspaces = new Column.Uuids();
    Column.Uuids runs = new Column.Uuids();
    RunIdRange range = new RunIdRange();
    for (Needs.RunKey run : needs.runs()) {
      workspaces.add(run.workspaceId());
      runs.add(run.runId());
      range.include(run.runId());
    }
    range.bind(call);
    call.column("run_workspace_ids", workspaces).column("run_ids", runs);
  }

  private static void bindSteps(Call call, Needs needs) throws SQLException {
    Column.Uuids workspaces = new Column.Uuids();
    Column.Uuids runs = new Column.Uuids();
    Column.Uuids steps = new Column.Uuids();
    for (Needs.StepKey step : needs.steps()) {
      workspaces.add(step.workspaceId());
      runs.add(step.runId());
      steps.add(step.stepId());
    }
    call.column("step_workspace_ids", workspaces)
        .column("step_run_ids", runs)
        .column("step_ids", steps);
  }

  private static void bindUsers(Call call, Needs needs) throws SQLException {
    Column.Uuids workspaces = new Column.Uuids();
    Column.Texts users = new Column.Texts();
    for (Needs.UserKey user : needs.users()) {
      workspaces.add(user.workspaceId());
      users.add(user.userId());
    }
    call.column("user_workspace_ids", workspaces).column("user_ids", users);
  }

  private static void bindAnswers(Call call, Needs needs) throws SQLException {
    Column.Uuids workspaces = new Column.Uuids();
    Column.Texts keys = new Column.Texts();
    for (Needs.AnswerKey answer : needs.answers()) {
      workspaces.add(answer.workspaceId());
      keys.add(answer.key().key());
    }
    call.column("key_workspace_ids", workspaces).column("keys", keys);
  }

  private static Column.Uuids uuids(Iterable<UUID> ids) {
    Column.Uuids column = new Column.Uuids();
    ids.forEach(column::add);
    return column;
  }

  private static Sheet sheet(ResultSet row, Map<UUID, WorkspaceLedger> ledgers)
      throws SQLException {
    return Objects.requireNonNull(ledgers.get(SheetRows.uuid(row, "workspace_id"))).sheet();
  }

  /** One statement of the round trip. */
  private record Part(Sql sql, Binding binding, Optional<Reading> reading) {
    Part(Sql sql, Binding binding, Reading reading) {
      this(sql, binding, Optional.of(reading));
    }
  }

  @FunctionalInterface
  private interface Binding {
    void bind(Call call) throws SQLException;
  }

  @FunctionalInterface
  private interface Reading {
    void read(ResultSet row) throws SQLException;
  }
}
