package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.env.EmbeddedDatabase;
import dev.workspaceoperator.sql.ConnectionSource;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.Migrations;
import dev.workspaceoperator.workspace.Plan;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A PostgreSQL all of whose connections others have. */
@SuppressWarnings("NullAway.Init") // Set up for each test.
@Tag("long")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ConnectionsTakenIT {
  private static final Duration SOON = Duration.ofSeconds(30);

  /** How often others try for one more. */
  private static final long PACE_NANOS = 1_000_000;

  @TempDir private Path directory;
  private EmbeddedDatabase database;

  @BeforeEach
  void start() throws InterruptedException {
    database = EmbeddedDatabase.start(directory.resolve("postgres"), 0, System.err::println);
  }

  @AfterEach
  void stop() {
    database.close();
  }

  @Test
  void whoStartsWaitsAndSaysHowToMendIt() throws Exception {
    Queue<String> lines = new ConcurrentLinkedQueue<>();
    try (ExecutorService starting = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> started;
      try (Others others = new Others()) {
        others.awaitAllTaken();
        started =
            starting.submit(() -> {
              new Migrations(DatabaseSettings.of(database.url())).migrate(SOON, lines::add);
              return true;
            });
        await().atMost(SOON).until(() -> !lines.isEmpty());
        assertThat(lines.peek())
            .startsWith("waiting for the database ")
            .contains("too many clients", "Raise max_connections");
      }
      started.get();
    }
    assertThat(lines).last().asString().contains("migration(s) applied");
  }

  @Test
  void whoServesGoesOnWithWhatItHas() throws Exception {
    new Migrations(DatabaseSettings.of(database.url())).migrate(SOON, System.err::println);
    try (ApiServer api = ApiServer.on(database.url());
        SteadyCaller caller = SteadyCaller.start(api, api.workspace(Plan.SCALE).id())) {
      caller.awaitMore(201, 100);
      try (Others others = new Others()) {
        others.awaitAllTaken();
        caller.awaitMore(201, 100);
      }
      caller.judge();
    }
  }

  /** They take every connection that is to be had, until they are closed. */
  private final class Others implements AutoCloseable {
    private final ConnectionSource source =
        ConnectionSource.forAudits(
            DatabaseSettings.of(database.url() + "?application_name=others"));
    private final List<Connection> taken = new CopyOnWriteArrayList<>();
    private final Thread taking = Thread.ofVirtual().unstarted(this::take);
    private volatile boolean refused;
    private volatile boolean over;

    Others() {
      taking.start();
    }

    private void take() {
      while (!over) {
        try {
          taken.add(source.getConnection());
        } catch (SQLException e) {
          refused = true;
          LockSupport.parkNanos(PACE_NANOS);
        }
      }
    }

    void awaitAllTaken() {
      await().atMost(SOON).until(() -> refused);
    }

    @Override
    public void close() throws SQLException {
      over = true;
      await().atMost(SOON).until(() -> !taking.isAlive());
      for (Connection connection : taken) {
        connection.close();
      }
    }
  }
}
