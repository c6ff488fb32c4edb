package dev.workspaceoperator.app;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.workspaceoperator.env.EmbeddedDatabase;
import dev.workspaceoperator.env.SmallDisk;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.Migrations;
import dev.workspaceoperator.workspace.Plan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A primary whose disk is full or read-only: nothing is acknowledged that is not there, clients are
 * told 503, and whoever asks again is served once there is room. Needs root, to mount small disks.
 */
@SuppressWarnings("NullAway.Init") // Set up for each test.
@Tag("long")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class DiskFaultsIT {
  private static final int DISK_MIB = 96;
  private static final Duration SERVES_AGAIN_WITHIN = Duration.ofSeconds(60);

  @TempDir private Path directory;
  private EmbeddedDatabase database;
  private SmallDisk disk;

  @BeforeAll
  static void mayMount() throws InterruptedException {
    assumeTrue(SmallDisk.isPossible(), "small disks can be mounted");
  }

  @BeforeEach
  void start() throws Exception {
    disk = SmallDisk.mount(Files.createDirectory(directory.resolve("disk")), DISK_MIB);
    database = EmbeddedDatabase.start(directory.resolve("postgres"), 0, System.err::println);
  }

  @AfterEach
  void stop() {
    database.close();
    disk.close();
  }

  @Test
  void dataWithoutRoom() throws Exception {
    database.execute(
        "postgres", "CREATE TABLESPACE small LOCATION '%s'".formatted(disk.directory("tables")));
    database.execute("postgres", "CREATE DATABASE small TABLESPACE small");
    String url = database.url("small");
    try (ApiServer api = serving(url);
        SteadyCaller caller = caller(api)) {
      caller.awaitMore(201, 200);
      disk.fill();
      caller.awaitMore(503, 20);
      disk.free();
      caller.awaitMore(201, 200);
      caller.judge();
    }
  }

  @Test
  void logWithoutRoom() throws Exception {
    moveLog();
    try (ApiServer api = serving(database.url());
        SteadyCaller caller = caller(api)) {
      caller.awaitMore(201, 200);
      disk.fill();
      endSegment();
      caller.awaitMore(503, 20);
      // PostgreSQL ends itself, and starts only once there is room: whoever runs it starts it.
      disk.free();
      startAgain();
      caller.awaitMore(201, 200);
      caller.judge();
    }
  }

  @Test
  void logThatIsReadOnly() throws Exception {
    moveLog();
    try (ApiServer api = serving(database.url());
        SteadyCaller caller = caller(api)) {
      caller.awaitMore(201, 200);
      disk.makeReadOnly();
      endSegment();
      caller.awaitMore(503, 20);
      disk.makeWritable();
      startAgain();
      caller.awaitMore(201, 200);
      caller.judge();
    }
  }

  private static ApiServer serving(String url) throws InterruptedException {
    new Migrations(DatabaseSettings.of(url)).migrate(Duration.ofSeconds(10), System.err::println);
    return ApiServer.on(url);
  }

  private static SteadyCaller caller(ApiServer api) {
    return SteadyCaller.start(api, api.workspace(Plan.SCALE).id());
  }

  private void moveLog() throws Exception {
    database.stop();
    disk.takeIn(directory.resolve("postgres/data/pg_wal"));
    database.start();
  }

  /** The next record of the log begins a new file; whether that can be is what is tried. */
  private void endSegment() {
    try {
      database.execute("postgres", "SELECT pg_switch_wal()");
      database.execute("postgres", "CHECKPOINT");
    } catch (java.sql.SQLException e) {
      System.err.println("PostgreSQL: " + e.getMessage());
    }
  }

  private void startAgain() {
    await()
        .atMost(SERVES_AGAIN_WITHIN)
        .ignoreExceptions()
        .until(() -> {
          database.kill();
          database.start();
          return true;
        });
  }
}
