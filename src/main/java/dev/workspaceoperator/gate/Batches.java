package dev.workspaceoperator.gate;

import java.sql.SQLException;
import java.util.List;

/** Transactions that decide operations, one after the other. For one thread. */
interface Batches extends AutoCloseable {
  /**
   * Makes sure of a connection.
   *
   * @throws SQLException if there is none to be had
   */
  void connect() throws SQLException;

  /**
   * Decides and commits these operations in one transaction; after it the next one may be run.
   *
   * @param waits if somebody else holds a row that is not waited for, its operations stay queued
   */
  BatchResult run(List<Ticket<?>> tickets, RowWaits waits);

  /**
   * Looks up whether a batch was committed.
   *
   * @throws SQLException if it cannot be told now
   */
  boolean wasCommitted(BatchMark mark) throws SQLException;

  @Override
  void close();
}
