package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.env.FreePort;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.gate.Gate;
import dev.workspaceoperator.gate.GateSettings;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.AuditChain;
import dev.workspaceoperator.store.PostgresDeclaredStore;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.DeletionPolicy;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.Run;
import dev.workspaceoperator.workspace.RunOutcome;
import dev.workspaceoperator.workspace.SettingValues;
import dev.workspaceoperator.workspace.Step;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.port.Created;
import dev.workspaceoperator.workspace.port.DeclaredStore.ClusterAdoption;
import dev.workspaceoperator.workspace.port.RunDraft;
import dev.workspaceoperator.workspace.port.RunRef;
import dev.workspaceoperator.workspace.port.StepDraft;
import dev.workspaceoperator.workspace.port.SyncOutcome;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The command {@code check}, as it is typed, on real books. */
@SuppressWarnings("NullAway.Init") // Set up before each test.
class CheckCommandIT {
  private String url;
  private Database database;
  private Gate gate;
  private UUID workspace;

  @BeforeEach
  void open() throws InterruptedException {
    url = SharedDatabase.create();
    DatabaseSettings settings = DatabaseSettings.of(url).withPoolSize(4);
    database = Database.open(settings);
    gate = Gate.open(settings, GateSettings.STANDARD, new SimpleMeterRegistry());
    workspace = workspace();
  }

  @AfterEach
  void close() {
    gate.close();
    database.close();
  }

  @Test
  void trueBooksAreOneLineThatSaysWhatWasLookedAt() throws SQLException {
    history();

    Answer answer = run("check");

    assertThat(answer.err()).isEmpty();
    assertThat(answer.out())
        .hasLineCount(1)
        .matches(
            "1 workspace\\(s\\), 2 run\\(s\\), 5 step\\(s\\), day by day from \\d{4}-\\d\\d-\\d\\d;"
                + " 2 audit chain\\(s\\), [1-9]\\d* row\\(s\\): nothing disagrees\\.\\R");
    assertThat(answer.code()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          UPDATE workspace_day SET spent_micro_usd = spent_micro_usd + 1               | I1 is broken in workspace
          UPDATE user_day SET reserved_micro_usd = reserved_micro_usd + 1              | I2 is broken in workspace
          UPDATE workspace SET active_runs = active_runs + 1                           | I4 is broken in workspace
          DELETE FROM step WHERE cost_micro_usd IS NOT NULL                            | I1 is broken in workspace
          DELETE FROM run WHERE status = 'running'                                     | running runs: the books say 1, and counting says 0
          UPDATE audit SET actor = 'nobody' WHERE seq = 1                              | Row 1 of
          DELETE FROM audit WHERE seq = 1                                              | Rows 1 to 1 of
          UPDATE workspace SET audit_seq = audit_seq + 1                               | and its head is
          INSERT INTO user_day VALUES (:workspace, '2020-02-29', 'ada', 5, 0)          | workspace on 2020-02-29, by its users: the books say 0, and counting says 5
          INSERT INTO user_day VALUES (:workspace, '2020-02-29', 'ada', -5, 0)         | user ada on 2020-02-29: the books say -5
          INSERT INTO workspace_day VALUES (:workspace, '2020-02-29', 0, 7)            | workspace on 2020-02-29: the books say 7, and counting says 0
          """)
  void whatWasTamperedWithIsTold(String change, String told) throws SQLException {
    history();
    execute(
        "ALTER TABLE audit DISABLE TRIGGER audit_is_append_only;"
            + change.replace(":workspace", "'" + workspace + "'"));

    Answer answer = run("check");

    assertThat(answer.out()).contains(told).containsPattern("[1-9]\\d* disagree\\(s\\)\\.\\R$");
    assertThat(answer.err()).isEmpty();
    assertThat(answer.code()).isEqualTo(1);
  }

  @Test
  void headsThatWereKeptTellWhatABackupLacks(@TempDir Path directory) throws Exception {
    history();
    String heads = run("audit", "heads").out();
    String hash = "a".repeat(64);
    UUID gone = new UUID(7, 7);
    Path file =
        Files.writeString(
            directory.resolve("heads.txt"),
            heads
                + "%s 41:%s\n%s 1:%s\n%s 3:%s\n :\n\n"
                    .formatted(workspace, hash, workspace, hash, gone, hash));

    Answer clean = run("check", "--heads=" + Files.writeString(directory.resolve("now"), heads));
    Answer answer = run("check", "--heads=" + file);

    assertThat(heads).contains(workspace + " ");
    assertThat(clean.code()).as(clean.out() + clean.err()).isZero();
    assertThat(answer.code()).isEqualTo(1);
    assertThat(answer.out())
        .containsPattern("Rows \\d+ to 41 of " + workspace + " are gone: the chain ends with row")
        .contains("Row 1 of " + workspace + " does not have the expected hash " + hash)
        .contains("The workspace " + gone + " is gone with all of its books: row 3")
        .contains("3 disagree(s)");
  }

  @Test
  void linesThatAreNoHeadsAreToldByTheirNumber(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("heads"), "one:two\nx 1:" + "a".repeat(64));

    Answer answer = run("check", "--heads=" + file);

    assertThat(answer.code()).isEqualTo(2);
    assertThat(answer.err()).contains("--heads: line 1 must be", "--heads: line 2 must be");
  }

  @Test
  void theWholeInstallationIsStoppedAndLetGo() throws SQLException {
    Answer on = run("kill-switch", "on", "--reason=restored");
    assertThat(on.code()).as(on.err()).isZero();
    assertThat(on.err()).contains("nothing is admitted");
    assertThat(query("SELECT kill_switch_reason || kill_switch_actor FROM platform"))
        .isEqualTo("restoredadministrator");

    assertThat(run("kill-switch", "off").code()).isZero();
    assertThat(query("SELECT count(*) FROM audit WHERE field = 'kill_switch'")).isEqualTo("2");
    assertThat(run("kill-switch", "on", "--reason=" + "x".repeat(501)).code()).isEqualTo(2);
  }

  @Test
  void whatIsWrongIsPrintedUpToABoundAndThenCounted() throws SQLException {
    history();
    execute(
        "INSERT INTO user_day SELECT '%s', '2020-02-29', 'user-' || n, -1, 0 FROM generate_series(1, 250) AS n"
            .formatted(workspace));

    Answer all = run("check", "--lines=1000");
    Answer some = run("check", "--lines=10");

    assertThat(all.out()).hasLineCount(252).contains("251 disagree(s)");
    assertThat(some.out()).hasLineCount(12).contains("\n241 more.", "251 disagree(s)");
  }

  @Test
  void aDatabaseAtWorkGivesNoFalseAlarm() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger rounds = new AtomicInteger();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> load = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        load.add(
            threads.submit(() -> {
              while (!over.get()) {
                oneRun();
                rounds.incrementAndGet();
              }
            }));
      }
      try {
        for (int checks = 0; checks < 10; checks++) {
          int before = rounds.get();
          await().until(() -> rounds.get() > before + 20);
          Answer answer = run("check");
          assertThat(answer.out()).contains("nothing disagrees");
          assertThat(answer.code()).isZero();
        }
      } finally {
        over.set(true);
      }
      for (Future<?> one : load) {
        one.get();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"check", "audit verify"})
  void aDatabaseThatCannotBeReachedIsNoFinding(String command) throws Exception {
    url = "postgresql://user:secret@127.0.0.1:%d/none".formatted(FreePort.find());

    Answer answer = run(command.split(" ", -1));

    assertThat(answer.code()).isEqualTo(3);
    assertThat(answer.out()).isEmpty();
    assertThat(answer.err())
        .hasLineCount(1)
        .startsWith("the database cannot be used now")
        .doesNotContain("secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"check", "audit verify"})
  void aDatabaseWithoutTheSchemaIsNoFinding(String command) throws Exception {
    url = SharedDatabase.createEmpty();

    Answer answer = run(command.split(" ", -1));

    assertThat(answer.code()).isEqualTo(3);
    assertThat(answer.err()).contains("run the command migrate").doesNotContain("\tat ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"check", "audit verify"})
  void theServersOwnTimeoutEndsNoAudit(String command) throws Exception {
    history();
    String name = url.substring(url.lastIndexOf('/') + 1);
    execute("ALTER DATABASE %s SET statement_timeout = 1".formatted(name));

    Answer answer = run(command.split(" ", -1));

    assertThat(answer.err()).isEmpty();
    assertThat(answer.code()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"check", "audit verify"})
  void aRoleThatMayOnlyReadIsEnough(String command) throws SQLException {
    history();
    String reader = "reader_" + UUID.randomUUID().toString().replace("-", "");
    execute(
        "CREATE ROLE %1$s LOGIN PASSWORD 'secret'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO %1$s"
            .formatted(reader));
    url = url.replaceFirst("//[^@]*@", "//" + reader + ":secret@");

    Answer answer = run(command.split(" ", -1));

    assertThat(answer.err()).isEmpty();
    assertThat(answer.code()).isZero();
  }

  @Test
  void theExitCodesAreInTheHelp() {
    for (String[] command : new String[][] {{"check"}, {"audit", "verify"}}) {
      List<String> arguments = new ArrayList<>(List.of(command));
      arguments.add("--help");
      assertThat(run(arguments.toArray(String[]::new)).out())
          .contains("Exit codes:")
          .containsPattern("3 +nothing can be said");
    }
  }

  /** A run that ended with a settled and an unsettled step, and one that is running with three. */
  private void history() {
    RunRef ended = start();
    settle(ended, step(ended, "0.5"), "0.7");
    step(ended, "0.3");
    done(gate.finish(ended, RunOutcome.SUCCEEDED));
    RunRef running = start();
    settle(running, step(running, "0.2"), "0");
    step(running, "0.1");
    step(running, "0.4");
  }

  private void oneRun() {
    RunRef run = start();
    Step first = step(run, "0.001");
    step(run, "0.002");
    settle(run, first, "0.0005");
    done(gate.finish(run, RunOutcome.FAILED));
  }

  private RunRef start() {
    Created<Run> run =
        done(
            gate.start(
                new RunDraft(workspace, "ada", 30, Optional.empty(), Map.of(), Optional.empty())));
    return RunRef.of(workspace, run.value().id());
  }

  private Step step(RunRef run, String usd) {
    return done(gate.step(
            new StepDraft(
                run, Optional.of(usd(usd)), Optional.empty(), Map.of(), Optional.empty())))
        .value();
  }

  private void settle(RunRef run, Step step, String usd) {
    done(gate.settle(run, step.id(), usd(usd)));
  }

  private static MicroUsd usd(String usd) {
    return MicroUsd.ofUsd(new BigDecimal(usd));
  }

  private static <T> T done(Outcome<T> outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Done.class);
    return ((Outcome.Done<T>) outcome).value();
  }

  private UUID workspace() {
    PostgresDeclaredStore store = new PostgresDeclaredStore(database, AuditChain.unkeyed());
    Manifest manifest =
        new Manifest(
            new ResourceIdentity("default", "team", "research"),
            "uid",
            1,
            "research",
            new DeclaredSettings(
                Plan.SCALE, SettingValues.NONE, Optional.empty(), Optional.empty()),
            DeletionPolicy.RETAIN,
            List.of(),
            List.of());
    SyncOutcome outcome =
        store.sync(
            store.raiseEpoch("default", "uid", ClusterAdoption.REFUSE), manifest, State.PRESENT, 0);
    return ((SyncOutcome.Applied) outcome).gathered().workspace().orElseThrow().id();
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = database.pool().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private String query(String sql) throws SQLException {
    try (Connection connection = database.pool().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      assertThat(rows.next()).isTrue();
      return rows.getString(1);
    }
  }

  private Answer run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine program = Main.program(Map.of("WORKSPACE_OPERATOR_DATABASE_URL", url));
    program.setOut(new PrintWriter(out, true));
    program.setErr(new PrintWriter(err, true));
    return new Answer(program.execute(arguments), out.toString(), err.toString());
  }

  private record Answer(int code, String out, String err) {}
}
