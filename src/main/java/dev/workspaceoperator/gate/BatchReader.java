package dev.workspaceoperator.gate;

import dev.workspaceoperator.gate.ledger.DecisionIds;
import dev.workspaceoperator.gate.ledger.KeptAnswer;
import dev.workspaceoperator.gate.ledger.WorkspaceLedger;
import dev.workspaceoperator.sql.Column;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.PlatformLatch;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.workspace.port.RunRef;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The first round trip of a batch: marks it, takes its locks in their one order (platform, then
 * workspaces by id), then reads the clock, and everything that it needs. Whatever belongs to a
 * workspace is written under the lock of its row, so what is read here stays so until the COMMIT.
 */
final class BatchReader {
  private static final Sql MARK_BATCH = Sql.load("gate/markBatch");
  private static final Sql READ_DEAD_RUNS = Sql.load("gate/readDeadRuns");
  private static final Sql READ_USERS = Sql.load("gate/readUsers");
  private static final Sql READ_ANSWERS = Sql.load("gate/readAnswers");

  private final GateSettings settings;
  private final Duration lockTimeout;
  private final Pipelines pipelines = new Pipelines();
  private final DeadRunPlaces deadRunPlaces = new DeadRunPlaces();

  /**
   * Reads so.
   *
   * @param lockTimeout of its connection: how long any lock but that of a row is waited for
   */
  BatchReader(GateSettings settings, Duration lockTimeout) {
    this.settings = settings;
    this.lockTimeout = lockTimeout;
  }

  /**
   * Reads; the transaction is open then, and holds its locks.
   *
   * @param deadRunsMax of all workspaces together ({@link DeadRuns})
   * @return by workspace; one that there is not, or that is not held, is absent
   */
  Map<UUID, WorkspaceLedger> read(
      Connection connection,
      BatchMark mark,
      ReadSet reads,
      Locks locks,
      int deadRunsMax,
      DecisionIds ids)
      throws SQLException {
    WorkspaceBatchReader reader =
        new WorkspaceBatchReader(settings.planDefaults(), settings.defaultReservation(), ids);
    ReadSet more = new ReadSet();
    RoundTrip trip = marked(mark);
    locks.add(trip, lockTimeout);
    reader.addWorkspaces(trip, reads);
    reader.addEntities(trip, reads);
    deadRunPlaces.begin();
    addDeadRuns(trip, reads.deadRuns(), deadRunsMax, reader);
    addUsers(trip, reads, reader);
    if (!reads.answers().isEmpty()) {
      Map<ReadSet.KeyOfWorkspace, List<ReadSet.AnswerKey>> asked = reads.answersByKey();
      trip.add(
          READ_ANSWERS,
          statement -> bindAnswers(statement, reads),
          row -> enterAnswer(row, asked, reader, more));
    }
    trip.run(connection, pipelines);
    reads.deadRuns().forEach(deadRunsMax, deadRunPlaces::end);
    more.addWholeRuns(reads, reader.ahead());
    RoundTrip again = new RoundTrip();
    reader.addMore(again, more);
    if (!again.isEmpty()) {
      again.run(connection, pipelines);
    }
    // What is not held may change yet.
    reader.ledgers().keySet().removeIf(workspaceId -> !locks.isHeld(workspaceId));
    return reader.ledgers();
  }

  private static RoundTrip marked(BatchMark mark) {
    return new RoundTrip()
        .add(
            MARK_BATCH,
            statement -> statement.uuid("lane_id", mark.laneId()).bigint("batch", mark.batch()))
        .add(
            PlatformLatch.SHARE,
            statement -> statement.bigint(PlatformLatch.PARAMETER, PlatformLatch.LOCK),
            RoundTrip.Reading.NONE);
  }

  private void addDeadRuns(
      RoundTrip trip, DeadRuns deadRuns, int deadRunsMax, WorkspaceBatchReader reader) {
    if (!deadRuns.isEmpty()) {
      trip.add(
          READ_DEAD_RUNS,
          statement -> {
            Column.Uuids workspaces = new Column.Uuids();
            Column.Bigints bounds = new Column.Bigints();
            Column.Times froms = new Column.Times();
            deadRuns.forEach(
                deadRunsMax,
                (workspaceId, bound) -> {
                  workspaces.add(workspaceId);
                  bounds.add(bound);
                  froms.add(deadRunPlaces.from(workspaceId));
                });
            statement
                .column("dead_workspace_ids", workspaces)
                .column("dead_runs_bounds", bounds)
                .column("dead_runs_from", froms);
          },
          row -> {
            deadRunPlaces.found(
                WorkspaceBatchRows.uuid(row, "workspace_id"),
                WorkspaceBatchRows.instant(row, "lease_expires_at"));
            reader.enterRun(row);
          });
    }
  }

  /** The books of the users for whom runs are to start. */
  private static void addUsers(RoundTrip trip, ReadSet reads, WorkspaceBatchReader reader) {
    if (!reads.users().isEmpty()) {
      trip.add(
          READ_USERS,
          statement -> bindUsers(statement, reads),
          row -> reader.batch(row).enter(row.getString("user_id"), WorkspaceBatchRows.book(row)));
    }
  }

  /** Enters an answer that is kept, and notes what is to be read to give it again. */
  private static void enterAnswer(
      ResultSet row,
      Map<ReadSet.KeyOfWorkspace, List<ReadSet.AnswerKey>> asked,
      WorkspaceBatchReader reader,
      ReadSet more)
      throws SQLException {
    UUID workspaceId = WorkspaceBatchRows.uuid(row, "workspace_id");
    String key = row.getString("key");
    KeptAnswer kept =
        new KeptAnswer(
            row.getString("fingerprint"),
            row.getString("effect_kind"),
            WorkspaceBatchRows.uuid(row, "effect_id"));
    reader.batch(row).enter(key, kept);
    asked
        .getOrDefault(new ReadSet.KeyOfWorkspace(workspaceId, key), List.of())
        .forEach(one -> noteEffect(more, one, kept));
  }

  private static void noteEffect(ReadSet more, ReadSet.AnswerKey asked, KeptAnswer kept) {
    String fingerprint = asked.key().fingerprint();
    if (asked.run().isEmpty() && kept.isOf(fingerprint, KeptAnswer.RUN)) {
      more.run(RunRef.of(asked.workspaceId(), kept.effectId()));
    } else if (asked.run().isEmpty() && kept.isOf(fingerprint, KeptAnswer.CALL)) {
      RunRef call = RunRef.of(asked.workspaceId(), kept.effectId());
      more.run(call);
      more.step(call, call.runId());
    } else if (asked.run().isPresent() && kept.isOf(fingerprint, KeptAnswer.STEP)) {
      more.run(asked.run().get());
      more.step(asked.run().get(), kept.effectId());
    }
  }

  private static void bindUsers(NamedStatement statement, ReadSet reads) throws SQLException {
    Column.Uuids workspaces = new Column.Uuids();
    Column.Texts users = new Column.Texts();
    for (ReadSet.UserKey user : reads.users()) {
      workspaces.add(user.workspaceId());
      users.add(user.userId());
    }
    statement.column("user_workspace_ids", workspaces).column("user_ids", users);
  }

  private static void bindAnswers(NamedStatement statement, ReadSet reads) throws SQLException {
    Column.Uuids workspaces = new Column.Uuids();
    Column.Texts keys = new Column.Texts();
    for (ReadSet.AnswerKey answer : reads.answers()) {
      workspaces.add(answer.workspaceId());
      keys.add(answer.key().key());
    }
    statement.column("key_workspace_ids", workspaces).column("keys", keys);
  }
}
