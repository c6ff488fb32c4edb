package dev.workspaceoperator.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How long a batch waits for its rows, and for other locks after them. */
class LocksIT {
  private static final Duration USUAL = Duration.ofSeconds(20);

  private static GateFixture db;

  @BeforeAll
  static void open() throws InterruptedException {
    db = GateFixture.open();
  }

  @AfterAll
  static void close() {
    db.close();
  }

  @Test
  void whatTheSameTransactionLocksAfterItsRowsIsWaitedForAsUsual() throws Exception {
    UUID own = db.workspace();
    UUID held = db.workspace();
    try (Connection batch = transaction();
        Connection holder = transaction();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      lock(batch, own, RowWaits.SHORT);
      assertThat(lockTimeout(batch)).isEqualTo("20s");
      lock(holder, held, RowWaits.LONG);

      Future<?> later =
          threads.submit(() -> {
            run(
                batch,
                "SELECT FROM workspace WHERE workspace_id = '%s' FOR UPDATE".formatted(held));
            return null;
          });
      // Longer than the rows of a batch are waited for.
      await().during(RowWaits.LONG.multipliedBy(2)).until(() -> !later.isDone());
      holder.rollback();

      later.get();
    }
  }

  private static void lock(Connection connection, UUID workspace, Duration patience)
      throws SQLException {
    RoundTrip trip = new RoundTrip();
    new Locks(Set.of(workspace), new RowWaits(Set.of(), patience)).add(trip, USUAL);
    trip.run(connection, new Pipelines());
  }

  private static String lockTimeout(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW lock_timeout")) {
      assertThat(row.next()).isTrue();
      return row.getString(1);
    }
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static Connection transaction() throws SQLException {
    Connection connection = db.database.pool().getConnection();
    connection.setAutoCommit(false);
    return connection;
  }
}
