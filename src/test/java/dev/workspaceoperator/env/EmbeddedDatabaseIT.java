package dev.workspaceoperator.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("long")
class EmbeddedDatabaseIT {
  @TempDir private Path directory;
  private final List<String> progress = new CopyOnWriteArrayList<>();
  private Path data;

  @BeforeEach
  void place() {
    data = directory.resolve("postgres");
  }

  @Test
  void isPostgres18OnLoopbackOnlyWithDurableCommits() throws Exception {
    try (EmbeddedDatabase database = EmbeddedDatabase.start(data, 0, progress::add)) {
      assertThat(show(database, "server_version")).startsWith("18");
      assertThat(show(database, "listen_addresses")).isEqualTo("127.0.0.1");
      assertThat(show(database, "fsync")).isEqualTo("on");
      assertThat(show(database, "synchronous_commit")).isEqualTo("on");
      assertThat(show(database, "password_encryption")).isEqualTo("scram-sha-256");
    }
  }

  @Test
  void keepsItsDataPortAndPasswordOverAStop() throws Exception {
    String url;
    try (EmbeddedDatabase database = EmbeddedDatabase.start(data, 0, progress::add)) {
      database.execute("workspace_operator", "CREATE TABLE kept AS SELECT 42 AS answer");
      url = database.url();
    }

    try (EmbeddedDatabase database = EmbeddedDatabase.start(data, 0, progress::add)) {
      assertThat(database.url()).isEqualTo(url);
      assertThat(query(database, "SELECT answer FROM kept")).isEqualTo("42");
    }
  }

  @Test
  void keepsWhatWasCommittedOverACrash() throws Exception {
    try (EmbeddedDatabase database = EmbeddedDatabase.start(data, 0, progress::add)) {
      database.execute("workspace_operator", "CREATE TABLE kept AS SELECT 42 AS answer");
      database.kill();
      assertThat(database.isRunning()).isFalse();
      database.start();

      assertThat(query(database, "SELECT answer FROM kept")).isEqualTo("42");
    }
  }

  @Test
  void saysClearlyThatItsPortIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      assertThatIllegalStateException()
          .isThrownBy(() -> EmbeddedDatabase.start(data, taken.getLocalPort(), progress::add))
          .withMessageContaining("port " + taken.getLocalPort() + " of 127.0.0.1 is taken");
    }
  }

  @Test
  void isNotStartedTwiceOnOneDirectory() throws Exception {
    try (EmbeddedDatabase _ = EmbeddedDatabase.start(data, 0, progress::add)) {
      assertThatIllegalStateException()
          .isThrownBy(() -> EmbeddedDatabase.start(data, 0, progress::add))
          .withMessageContaining("another process runs PostgreSQL");
    }
  }

  @Test
  void stopsOneThatAKilledJvmLeftBehind() throws Exception {
    EmbeddedDatabase.start(data, 0, progress::add).close();
    Process orphan = leaveBehind(FreePort.find());
    await().until(() -> Files.exists(data.resolve("data/postmaster.pid")));

    try (EmbeddedDatabase database = EmbeddedDatabase.start(data, 0, progress::add)) {
      assertThat(progress)
          .contains("postgres: stopping one left behind (pid %d)".formatted(orphan.pid()));
      assertThat(orphan.isAlive()).isFalse();
      assertThat(query(database, "SELECT 1")).isEqualTo("1");
    } finally {
      orphan.destroyForcibly();
    }
  }

  @Test
  void doesNotTakeAStrangerForWhatWasLeftBehind() throws Exception {
    EmbeddedDatabase.start(data, 0, progress::add).close();
    Process stranger = new ProcessBuilder("sleep", "600").start();
    try {
      Files.writeString(data.resolve("data/postmaster.pid"), stranger.pid() + "\n");

      try (EmbeddedDatabase database = EmbeddedDatabase.start(data, 0, progress::add)) {
        assertThat(query(database, "SELECT 1")).isEqualTo("1");
      }
      assertThat(stranger.isAlive()).isTrue();
    } finally {
      stranger.destroyForcibly();
    }
  }

  /** A server that no watchdog looks after, as when that was killed too. */
  private Process leaveBehind(int port) throws IOException {
    PostgresBinaries binaries = PostgresBinaries.chosen(progress::add);
    return new ProcessBuilder(PostgresProcess.command(binaries, data, port))
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("orphan.log").toFile())
        .start();
  }

  private static String show(EmbeddedDatabase database, String setting) throws SQLException {
    return query(database, "SHOW " + setting);
  }

  private static String query(EmbeddedDatabase database, String sql) throws SQLException {
    String[] user = database.url().substring("postgresql://".length()).split("[:@]", -1);
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + database.port() + "/workspace_operator",
                user[0],
                user[1]);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
