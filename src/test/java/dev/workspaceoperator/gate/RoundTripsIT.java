package dev.workspaceoperator.gate;

import static dev.workspaceoperator.gate.GateFixture.admitted;
import static dev.workspaceoperator.gate.GateFixture.done;
import static dev.workspaceoperator.gate.GateFixture.run;
import static dev.workspaceoperator.gate.GateFixture.started;
import static dev.workspaceoperator.gate.GateFixture.step;
import static dev.workspaceoperator.gate.GateFixture.withKey;
import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.env.DelayProxy;
import dev.workspaceoperator.sql.ConnectionSource;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Run;
import dev.workspaceoperator.workspace.RunOutcome;
import dev.workspaceoperator.workspace.Step;
import dev.workspaceoperator.workspace.port.RunRef;
import dev.workspaceoperator.workspace.port.StepDraft;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A batch is two round trips, whatever it holds: that is what it costs that PostgreSQL is far. */
class RoundTripsIT {
  private static final int TOGETHER = 400;

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private GateFixture db;
  private DelayProxy proxy;
  private Gate gate;
  private UUID workspace;
  private Run run;

  @BeforeEach
  void open() throws InterruptedException {
    db = GateFixture.open();
    int port = URI.create(db.settings.url()).getPort();
    proxy = DelayProxy.start(port, Duration.ZERO);
    gate =
        Gate.open(
            DatabaseSettings.of(throughProxy()), GateSettings.STANDARD.withLanes(1), registry);
    workspace = db.workspace();
    run = started(gate.start(run(workspace, "ada")));
  }

  @AfterEach
  void close() {
    gate.close();
    proxy.close();
    db.close();
  }

  @Test
  void everyOperationTakesTwo() {
    RunRef ref = RunRef.of(workspace, run.id());
    StepDraft keyed = withKey(step(workspace, run, "0.01"), "key", "fingerprint");
    assertThat(roundTripsOf(() -> started(gate.start(run(workspace, "bob"))))).isEqualTo(2);
    assertThat(roundTripsOf(() -> admitted(gate.step(keyed)))).isEqualTo(2);
    Step step = admitted(gate.step(step(workspace, run, "0.01")));
    assertThat(roundTripsOf(() -> done(gate.settle(ref, step.id(), MicroUsd.ZERO)))).isEqualTo(2);
    assertThat(roundTripsOf(() -> done(gate.heartbeat(ref)))).isEqualTo(2);
    // What is to be told again is known only once the kept answer is read.
    assertThat(roundTripsOf(() -> admitted(gate.step(keyed)))).isLessThanOrEqualTo(3);
    assertThat(roundTripsOf(() -> done(gate.finish(ref, RunOutcome.SUCCEEDED)))).isEqualTo(2);
  }

  @Test
  void whatArrivesMeanwhileSharesThemHoweverManyThatAre() throws Exception {
    proxy.setRoundTrip(Duration.ofMillis(100));
    long tripsBefore = proxy.roundTrips();
    long batchesBefore = batches();
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Step>> steps = new ArrayList<>();
      for (int number = 0; number < TOGETHER; number++) {
        StepDraft draft = withKey(step(workspace, run, "0.01"), "key-" + number, "fingerprint");
        steps.add(clients.submit(() -> admitted(gate.step(draft))));
      }
      for (Future<Step> step : steps) {
        Step _ = step.get();
      }
    }
    long batches = batches() - batchesBefore;
    assertThat(proxy.roundTrips() - tripsBefore).isEqualTo(2 * batches);
    assertThat(batches).isLessThan(TOGETHER / 10);
  }

  /** Besides that of TCP, and those of TLS. */
  @Test
  void aNewConnectionTakesEightAtMost() {
    DatabaseSettings byProxy = DatabaseSettings.of(throughProxy());
    assertThat(
            roundTripsOf(() -> {
              try (Connection connection = ConnectionSource.forBatches(byProxy).getConnection()) {
                assertThat(connection.isClosed()).isFalse();
              } catch (SQLException e) {
                throw new AssertionError(e);
              }
            }))
        .isLessThanOrEqualTo(8);
  }

  private String throughProxy() {
    int port = URI.create(db.settings.url()).getPort();
    return db.settings.url().replace(":" + port, ":" + proxy.port());
  }

  private long roundTripsOf(Runnable operation) {
    long before = proxy.roundTrips();
    operation.run();
    return proxy.roundTrips() - before;
  }

  private long batches() {
    return registry.get("workspace_operator_gate_batch").timer().count();
  }
}
