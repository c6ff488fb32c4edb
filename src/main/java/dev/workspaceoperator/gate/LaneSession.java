package dev.workspaceoperator.gate;

import dev.workspaceoperator.gate.ledger.DecisionIds;
import dev.workspaceoperator.gate.ledger.WorkspaceLedger;
import dev.workspaceoperator.sql.Commits;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.sql.SqlStates;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Refusal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A lane's connection, and the transactions on it. For one thread. */
final class LaneSession implements Batches {
  private static final Logger log = LoggerFactory.getLogger(LaneSession.class);
  private static final Sql FIND_BATCH = Sql.load("gate/findBatch");

  /**
   * Most dead runs that one batch expires, besides one for each run that is to start: a few
   * milliseconds of work, for which others wait that are in the batch, or come after it.
   */
  private static final int DEAD_RUNS_MAX = 32;

  private final DataSource source;
  private final UUID laneId = UUID.randomUUID();
  private final BatchReader reader;
  private final BatchWriter writer = new BatchWriter();
  private final SplittableRandom random =
      new SplittableRandom(laneId.getMostSignificantBits() ^ laneId.getLeastSignificantBits());
  private @Nullable Connection connection;
  private long batches;

  /** Fewer once a statement has timed out: what is too much at once is done bit by bit. */
  private int deadRunsMax = DEAD_RUNS_MAX;

  LaneSession(DataSource source, GateSettings settings, Duration lockTimeout) {
    this.source = source;
    this.reader = new BatchReader(settings, lockTimeout);
  }

  @Override
  public void connect() throws SQLException {
    connected();
  }

  @Override
  public BatchResult run(List<Ticket<?>> tickets, RowWaits waits) {
    BatchMark mark = new BatchMark(laneId, ++batches);
    Map<UUID, WorkspaceLedger> ledgers;
    ReadSet reads = readSet(tickets);
    Locks locks = new Locks(reads.workspaces(), waits);
    try {
      ledgers = reader.read(connected(), mark, reads, locks, deadRunsMax, new DecisionIds(random));
      ledgers.values().forEach(WorkspaceLedger::expireDeadRuns);
      decide(tickets, locks, new Decider(ledgers));
    } catch (SQLException | RuntimeException e) {
      discard(e);
      return notCommitted(e);
    }
    try {
      if (!writer.write(connected(), ledgers.values())) {
        endUnchanged(tickets);
      }
      deadRunsMax = Math.min(DEAD_RUNS_MAX, deadRunsMax * 2);
      return new BatchResult.Committed(BatchTally.of(ledgers.values()));
    } catch (SQLException | RuntimeException e) {
      boolean refused = survives() && !isOfConnection(e);
      discard(e);
      return refused
          ? notCommitted(e)
          : new BatchResult.Unknown(mark, BatchTally.of(ledgers.values()), e);
    }
  }

  /**
   * {@inheritDoc} The batch marked its row in the round trip before its COMMIT, so this waits for
   * it if it still runs. A COMMIT of its own waits, after it, for the standbys that the batch's was
   * to wait for: a primary that has crashed meanwhile shows what no standby has.
   */
  @Override
  public boolean wasCommitted(BatchMark mark) throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connected(), FIND_BATCH)) {
      ResultSet row = statement.uuid("lane_id", mark.laneId()).run().nextRows();
      boolean committed = row.next() && row.getLong("batch") == mark.batch();
      Commits.commit(connected());
      return committed;
    } catch (SQLException e) {
      discard(e);
      throw e;
    }
  }

  @Override
  public void close() {
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException e) {
        log.debug("a lane's connection did not close in good order", e);
      }
      connection = null;
    }
  }

  private Connection connected() throws SQLException {
    if (connection == null) {
      Connection opened = source.getConnection();
      opened.setAutoCommit(false);
      connection = opened;
    }
    return connection;
  }

  /**
   * What is told as done though this batch changes nothing, such as the answer that a key has kept,
   * was read here: the COMMIT of the batch's mark waits for the standbys to have that too.
   */
  private void endUnchanged(List<Ticket<?>> tickets) throws SQLException {
    if (tickets.stream().anyMatch(Ticket::isDone)) {
      Commits.commit(connected());
    } else {
      connected().rollback();
    }
  }

  private static void decide(List<Ticket<?>> tickets, Locks locks, Decider decider) {
    for (Ticket<?> ticket : tickets) {
      if (locks.isHeld(ticket.operation().workspaceId())) {
        ticket.decide(decider);
      }
    }
  }

  private BatchResult notCommitted(Exception cause) {
    if (cause instanceof SQLException e && SqlStates.isTimedOut(e)) {
      deadRunsMax = Math.max(1, deadRunsMax / 4);
    }
    return new BatchResult.NotCommitted(cause);
  }

  /** A pooler says so of a server that it has lost, and keeps its client. */
  private static boolean isOfConnection(Exception failure) {
    return failure instanceof SQLException e && SqlStates.isLostConnection(e);
  }

  /** Whether the server still answers here: then its error was its answer to the whole batch. */
  private boolean survives() {
    try {
      return connection != null && !connection.isClosed();
    } catch (SQLException e) {
      log.debug("a lane's connection is not sure of itself", e);
      return false;
    }
  }

  /** Ends the transaction, with its connection where that is not possible otherwise. */
  private void discard(Exception cause) {
    try {
      if (connection != null && !connection.isClosed()) {
        connection.rollback();
        return;
      }
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
    close();
  }

  /** What these operations need together. */
  private static ReadSet readSet(List<Ticket<?>> tickets) {
    ReadSet reads = new ReadSet();
    for (Ticket<?> ticket : tickets) {
      reads.workspace(ticket.operation().workspaceId());
      ticket.operation().need(reads);
    }
    return reads;
  }

  /** Decides upon the ledgers of one batch. */
  private record Decider(Map<UUID, WorkspaceLedger> ledgers) implements Ticket.Decider {
    @Override
    public <R> Outcome<R> decide(Operation<R> operation) {
      @Nullable WorkspaceLedger ledger = ledgers.get(operation.workspaceId());
      return ledger == null ? Outcome.refused(new Refusal.NotFound()) : operation.decide(ledger);
    }
  }
}
