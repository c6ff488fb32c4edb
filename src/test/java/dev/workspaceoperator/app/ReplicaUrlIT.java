package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.env.PostgresBinaries;
import dev.workspaceoperator.env.PostgresPair;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.Migrations;
import dev.workspaceoperator.workspace.Plan;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The address of a server that takes no writes, given by mistake or because it is set so. */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
@Tag("long")
@Timeout(180)
class ReplicaUrlIT {
  private static final Duration TOLD_WITHIN = Duration.ofSeconds(60);
  private static final String SENTENCE =
      "it is a standby, which takes no writes: give the primary's address, or all hosts with commas";

  @RegisterExtension static final RoleProcesses PROCESSES = RoleProcesses.ofEachTest();

  @TempDir private static Path directory;
  private static PostgresPair pair;

  @BeforeAll
  static void start() throws InterruptedException, SQLException {
    Optional<PostgresBinaries> binaries = PostgresBinaries.ofDistribution();
    assumeThat(binaries)
        .as("A PAIR NEEDS pg_basebackup: on Debian, apt-get install postgresql")
        .isPresent();
    pair = PostgresPair.start(binaries.get(), directory, System.err::println);
    new Migrations(DatabaseSettings.of(pair.primary().url()))
        .migrate(Duration.ofSeconds(10), System.err::println);
  }

  @AfterAll
  static void stop() {
    if (pair != null) {
      pair.close();
    }
  }

  @Test
  void apiSaysSoAndWaits() {
    RoleProcess api = PROCESSES.api(pair.standby().url()).process();

    await().atMost(TOLD_WITHIN).until(() -> api.log().contains(SENTENCE));
    assertThat(api.isReady()).isFalse();
  }

  @Test
  void theControllerSaysSoAndWaits() {
    RoleProcess controller =
        PROCESSES.start(
            List.of(
                "--database-url=" + pair.standby().url(),
                "--cluster-name=test",
                "--leader-election=false"));

    await().atMost(TOLD_WITHIN).until(() -> controller.log().contains(SENTENCE));
    assertThat(controller.isReady()).isFalse();
  }

  /** It only reads, and is as well done there; of what it does not see it says so. */
  @ParameterizedTest
  @ValueSource(strings = {"check", "audit verify"})
  void aCommandThatReadsSaysWhatItDoesNotSee(String command) {
    Printed printed = run(pair.standby().url(), command.split(" "));

    assertThat(printed.exitCode()).isZero();
    assertThat(printed.text())
        .contains("It is a standby")
        .contains("give the primary's address for the newest");
    assertThat(run(pair.primary().url(), command.split(" ")).text()).doesNotContain("standby");
  }

  @ParameterizedTest
  @ValueSource(strings = {"migrate --wait-seconds=0", "workspace archive team/research"})
  void aCommandThatWritesIsRefused(String command) {
    Printed printed = run(pair.standby().url(), command.split(" "));

    assertThat(printed.exitCode()).isNotZero();
    assertThat(printed.text()).contains(SENTENCE);
  }

  /** Each session says that it writes: by one host, and by two, of which it finds the primary. */
  @Test
  void aPrimaryWhoseSessionsReadOnlyByDefaultIsWorkedWith() throws Exception {
    pair.primary().execute("ALTER SYSTEM SET default_transaction_read_only = on");
    pair.primary().execute("SELECT pg_reload_conf()");
    try {
      for (String url : List.of(pair.primary().url(), pair.urlOfBoth())) {
        ApiReplica api = PROCESSES.api(url);
        await().atMost(TOLD_WITHIN).until(api.process()::isReady);
        try (ApiServer controller = ApiServer.on(url)) {
          String key = controller.keyWithAllScopes(controller.workspace(Plan.SCALE).id());
          assertThat(
                  api.call(key, "PATCH", ApiCaller.WORKSPACE, "{\"daily_budget_usd\":1}").status())
              .isEqualTo(200);
        }
      }
    } finally {
      pair.primary().execute("ALTER SYSTEM RESET default_transaction_read_only");
      pair.primary().execute("SELECT pg_reload_conf()");
    }
  }

  private static Printed run(String url, String... arguments) {
    StringWriter text = new StringWriter();
    PrintWriter printer = new PrintWriter(text, true);
    CommandLine program = Main.program(Map.of("WORKSPACE_OPERATOR_DATABASE_URL", url));
    program.setOut(printer).setErr(printer);
    return new Printed(program.execute(arguments), text.toString());
  }

  private record Printed(int exitCode, String text) {}
}
