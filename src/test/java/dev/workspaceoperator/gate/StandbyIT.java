package dev.workspaceoperator.gate;

import static dev.workspaceoperator.gate.GateFixture.admitted;
import static dev.workspaceoperator.gate.GateFixture.done;
import static dev.workspaceoperator.gate.GateFixture.run;
import static dev.workspaceoperator.gate.GateFixture.started;
import static dev.workspaceoperator.gate.GateFixture.step;
import static dev.workspaceoperator.gate.GateFixture.withKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.env.PostgresBinaries;
import dev.workspaceoperator.env.PostgresMember;
import dev.workspaceoperator.env.PostgresPair;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.AuditChain;
import dev.workspaceoperator.store.KillSwitchPools;
import dev.workspaceoperator.store.Migrations;
import dev.workspaceoperator.store.PostgresFleet;
import dev.workspaceoperator.store.PostgresRuntimeSettings;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Run;
import dev.workspaceoperator.workspace.Step;
import dev.workspaceoperator.workspace.port.Actor;
import dev.workspaceoperator.workspace.port.StepDraft;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A primary whose COMMITs wait for a standby: what is answered, the standby has. */
@SuppressWarnings("NullAway.Init") // Set up for each test.
@Timeout(120)
class StandbyIT {
  private static final Actor ACTOR = new Actor("test", Optional.empty());
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final Duration WITHIN = Duration.ofSeconds(30);

  /** A COMMIT is waited for for 12 s, then looked up for 10 s. */
  private static final Duration FIRST_TOLD_WITHIN = Duration.ofSeconds(40);

  private static final Duration NEXT_TOLD_WITHIN = Duration.ofSeconds(30);
  private static final String WAITING =
      "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";

  @TempDir private Path directory;
  private PostgresPair pair;
  private GateFixture db;
  private UUID workspace;
  private Gate gate;
  private Run run;
  private StepDraft step;
  private final ExecutorService client = Executors.newVirtualThreadPerTaskExecutor();

  @BeforeEach
  void start() throws InterruptedException, SQLException {
    Optional<PostgresBinaries> binaries = PostgresBinaries.ofDistribution();
    assumeThat(binaries)
        .as("A PAIR NEEDS pg_basebackup: on Debian, apt-get install postgresql")
        .isPresent();
    pair = PostgresPair.start(binaries.get(), directory, System.err::println);
    String url = pair.primary().url();
    new Migrations(DatabaseSettings.of(url)).migrate(Duration.ofSeconds(10), System.err::println);
    db = GateFixture.on(url);
    workspace = db.workspace();
    gate = gate(Duration.ofSeconds(1));
    run = started(gate.start(run(workspace, "ada")));
    step = withKey(step(workspace, run, "0.01"), "k", "f");
  }

  private Gate gate(Duration outcomeDeadline) {
    GateSettings settings =
        new GateSettings(
            1,
            512,
            4096,
            Duration.ofSeconds(2),
            outcomeDeadline,
            new MicroUsd(10_000),
            PlanDefaults.STANDARD);
    return Gate.open(
        DatabaseSettings.of(pair.primary().url()).forRequests(PATIENCE),
        settings,
        new SimpleMeterRegistry());
  }

  @AfterEach
  void stop() {
    if (pair != null) {
      client.shutdownNow();
      pair.close();
      gate.close();
      db.close();
    }
  }

  /** With the settings that ship. */
  @Test
  @Tag("long")
  void whatWaitsForAStandbyIsToldOnceItIsBack() throws Exception {
    gate.close();
    gate =
        Gate.open(
            DatabaseSettings.of(pair.primary().url()),
            GateSettings.STANDARD,
            new SimpleMeterRegistry());
    pair.standby().kill();
    Duration first = told();
    Duration next = told();
    System.out.printf("without a standby: told after %s, then after %s%n", first, next);
    assertThat(first).isLessThan(FIRST_TOLD_WITHIN);
    assertThat(next).isLessThan(NEXT_TOLD_WITHIN);

    pair.startStandby();
    answeredAgain();
    assertThat(steps(pair.primary())).isEqualTo("1");
  }

  private Duration told() {
    long start = System.nanoTime();
    notAnswered();
    return Duration.ofNanos(System.nanoTime() - start);
  }

  /** Its own restart shows what no standby has: the key is not answered by that. */
  @Test
  @Tag("long")
  void whatAnEarlierRequestLeftOnTheCrashedPrimaryAloneIsNotAnswered() throws Exception {
    pair.standby().kill();
    notAnswered();
    pair.crashPrimary();
    assertThat(steps(pair.primary())).isEqualTo("1");

    notAnswered();
    pair.primary().kill();
    pair.startStandby();
    pair.promote();
    assertThat(steps(pair.primary())).isEqualTo("0");
  }

  /** Who looks whether it is on already is told no more than who switches it on. */
  @Test
  @Tag("long")
  void aKillSwitchThatTheCrashedPrimaryAloneHasIsNotToldAsOn() throws Exception {
    DatabaseSettings settings = DatabaseSettings.of(pair.primary().url()).forRequests(PATIENCE);
    try (Database requests = Database.open(settings);
        KillSwitchPools killSwitches = KillSwitchPools.open(settings);
        PostgresRuntimeSettings store =
            new PostgresRuntimeSettings(
                requests, killSwitches, AuditChain.unkeyed(), PlanDefaults.STANDARD)) {
      PostgresFleet fleet = new PostgresFleet(requests, requests, AuditChain.unkeyed());
      pair.standby().kill();
      notSwitched(() -> store.switchKill(workspace, true, Optional.empty(), ACTOR));
      notSwitched(() -> fleet.switchKill(true, Optional.empty(), ACTOR));
      pair.crashPrimary();
      assertThat(killSwitchIsOn(pair.primary())).isEqualTo("t");

      notSwitched(() -> store.switchKill(workspace, true, Optional.empty(), ACTOR));
      notSwitched(fleet::killLatch);

      pair.startStandby();
      await()
          .atMost(WITHIN)
          .ignoreExceptionsInstanceOf(StoreUnavailableException.class)
          .until(() ->
              store.switchKill(workspace, true, Optional.empty(), ACTOR) instanceof Outcome.Done
                  && fleet.killLatch().isPresent());
    }
  }

  private static void notSwitched(ThrowingCallable asked) {
    assertThatExceptionOfType(StoreUnavailableException.class).isThrownBy(asked);
  }

  private String killSwitchIsOn(PostgresMember server) throws SQLException {
    return server.ask(
        "SELECT runtime_kill_switch_since IS NOT NULL FROM workspace WHERE workspace_id = '%s'"
            .formatted(workspace));
  }

  @Test
  @Tag("long")
  void aLostCommitThatTheCrashedPrimaryAloneHasIsNotAnswered() throws Exception {
    gate.close();
    gate = gate(Duration.ofSeconds(8));
    pair.standby().kill();
    CompletableFuture<Step> asked = ask();
    awaitWaiting();
    pair.crashPrimary();
    assertThat(steps(pair.primary())).isEqualTo("1");

    unavailable(asked);
    pair.startStandby();
    answeredAgain();
  }

  @Test
  void aWaitForTheStandbyThatSomebodyCancelsIsNoAnswer() throws Exception {
    pair.standby().kill();
    CompletableFuture<Step> asked = ask();
    awaitWaiting();
    cancelWaits();
    unavailable(asked);

    CompletableFuture<Boolean> changed =
        CompletableFuture.supplyAsync(() -> db.database.transact(StandbyIT::write), client);
    awaitWaiting();
    cancelWaits();
    unavailable(changed);

    pair.startStandby();
    answeredAgain();
  }

  private static boolean write(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.executeUpdate("UPDATE workspace SET slug = slug") > 0;
    }
  }

  /** It is promoted at once, with all that it has received. */
  @Test
  @Tag("long")
  void aStandbyThatAppliesLateHasEverythingOnceItIsPromoted() throws Exception {
    pair.standby().execute("ALTER SYSTEM SET recovery_min_apply_delay = '1h'");
    pair.standby().execute("SELECT pg_reload_conf()");
    pair.awaitSynchronous();
    admitted(gate.step(step));
    assertThat(steps(pair.standby())).isEqualTo("0");

    pair.primary().kill();
    pair.promote();
    assertThat(steps(pair.primary())).isEqualTo("1");
  }

  /** Nobody fences it. It has no standby any more, so that it answers nothing. */
  @Test
  @Tag("long")
  void aPrimaryThatWasReplacedAnswersNothingMore() throws Exception {
    PostgresMember former = pair.primary();
    pair.promote();
    notAnswered();
    assertThat(steps(pair.primary())).isEqualTo("0");
    assertThat(steps(former)).isEqualTo("0");
  }

  /** Where COMMITs wait for nobody, only who was connected to the new primary knows of it. */
  @Test
  @Tag("long")
  void aProcessThatHasSeenTheNewPrimaryLeavesTheFormerOne() throws Exception {
    pair.primary().execute("ALTER SYSTEM SET synchronous_standby_names = ''");
    pair.primary().execute("SELECT pg_reload_conf()");
    PostgresMember former = pair.primary();
    pair.promote();
    admitted(gate.step(step));
    assertThat(steps(former)).isEqualTo("1");
    assertThat(steps(pair.primary())).isEqualTo("0");

    try (Database next = Database.open(DatabaseSettings.of(pair.primary().url()))) {
      boolean seen = next.read(connection -> connection.isValid(1));
      assertThat(seen).isTrue();
      // Of connections that are ended, each says so once.
      await()
          .atMost(WITHIN)
          .untilAsserted(
              () -> unavailable(() -> gate.step(step(workspace, run, "0.01")), "on timeline 1, "));
      await()
          .atMost(WITHIN)
          .untilAsserted(() ->
              unavailable(
                  () -> db.database.read(connection -> connection.isValid(1)),
                  "it was replaced, so stop it or make it a standby"));
    }
    assertThat(steps(former)).isEqualTo("1");
  }

  private CompletableFuture<Step> ask() {
    return CompletableFuture.supplyAsync(() -> admitted(gate.step(step)), client);
  }

  private void notAnswered() {
    assertThatExceptionOfType(StoreUnavailableException.class).isThrownBy(() -> gate.step(step));
  }

  private static void unavailable(CompletableFuture<?> asked) {
    assertThatExceptionOfType(CompletionException.class)
        .isThrownBy(asked::join)
        .withCauseInstanceOf(StoreUnavailableException.class);
  }

  private static void unavailable(ThrowingCallable asked, String why) {
    assertThatExceptionOfType(StoreUnavailableException.class)
        .isThrownBy(asked)
        .withStackTraceContaining(why);
  }

  private void answeredAgain() {
    await()
        .atMost(WITHIN)
        .ignoreExceptionsInstanceOf(StoreUnavailableException.class)
        .until(() -> done(gate.step(step)).replayed());
  }

  private void awaitWaiting() {
    await().atMost(WITHIN).until(() -> !pair.primary().ask(WAITING).equals("0"));
  }

  private void cancelWaits() throws SQLException {
    pair.primary()
        .ask(
            "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity"
                + " WHERE wait_event = 'SyncRep'");
  }

  private String steps(PostgresMember server) throws SQLException {
    return server.ask("SELECT count(*) FROM step WHERE workspace_id = '%s'".formatted(workspace));
  }
}
