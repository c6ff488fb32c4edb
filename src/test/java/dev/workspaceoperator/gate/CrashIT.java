package dev.workspaceoperator.gate;

import static dev.workspaceoperator.gate.GateFixture.done;
import static dev.workspaceoperator.gate.GateFixture.run;
import static dev.workspaceoperator.gate.GateFixture.started;
import static dev.workspaceoperator.gate.GateFixture.step;
import static dev.workspaceoperator.gate.GateFixture.usd;
import static dev.workspaceoperator.gate.GateFixture.withKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.env.EmbeddedDatabase;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.Migrations;
import dev.workspaceoperator.workspace.Run;
import dev.workspaceoperator.workspace.port.OverloadedException;
import dev.workspaceoperator.workspace.port.RunRef;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PostgreSQL is killed in the middle of it: nothing that was answered is lost or counted twice. */
class CrashIT {
  private static final int CRASHES = 3;

  @TempDir private static Path directory;

  @Test
  void whatWasAnsweredIsThereOnceAfterEveryCrash() throws Exception {
    Consumer<String> progress = System.err::println;
    try (EmbeddedDatabase server =
        EmbeddedDatabase.start(directory.resolve("postgres"), 0, progress)) {
      new Migrations(DatabaseSettings.of(server.url())).migrate(Duration.ofSeconds(10), progress);
      try (GateFixture db = GateFixture.on(server.url());
          Gate gate = db.gate()) {
        UUID workspace = db.workspace();
        Run run = started(gate.start(run(workspace, "ada")));
        Set<UUID> answered = ConcurrentHashMap.newKeySet();
        AtomicBoolean over = new AtomicBoolean();
        Clients.together(
            33,
            client -> {
              if (client > 0) {
                work(gate, workspace, run, client, answered, over);
                return;
              }
              try {
                for (int i = 0; i < CRASHES; i++) {
                  int before = answered.size();
                  await().atMost(Duration.ofMinutes(1)).until(() -> answered.size() > before + 500);
                  server.kill();
                  server.start();
                }
                int before = answered.size();
                await().atMost(Duration.ofMinutes(1)).until(() -> answered.size() > before + 500);
              } finally {
                over.set(true);
              }
            });
        assertThat(
                db.query("SELECT step_id FROM step WHERE workspace_id = '%s'".formatted(workspace)))
            .hasSize(answered.size())
            .allSatisfy(id -> assertThat(answered).contains(UUID.fromString(id)));
        assertThat(
                db.query(
                    """
                    SELECT d.spent_micro_usd = 10 * s.settled AND d.reserved_micro_usd = 100 * s.open
                    FROM workspace_day d, (
                        SELECT count(cost_micro_usd) AS settled, count(*) - count(cost_micro_usd) AS open
                        FROM step WHERE workspace_id = '%1$s') s
                    WHERE d.workspace_id = '%1$s'\
                    """
                        .formatted(workspace)))
            .containsExactly("t");
      }
    }
  }

  private static void work(
      Gate gate, UUID workspace, Run run, int client, Set<UUID> answered, AtomicBoolean over) {
    for (int i = 0; !over.get(); i++) {
      String key = client + "-" + i;
      var made =
          insist(() -> done(gate.step(withKey(step(workspace, run, "0.0001"), key, key)))).value();
      assertThat(answered.add(made.id())).isTrue();
      if (i % 2 == 0) {
        insist(() -> done(gate.settle(RunRef.of(workspace, run.id()), made.id(), usd("0.00001"))));
      }
      insist(() -> done(gate.heartbeat(RunRef.of(workspace, run.id()))));
    }
  }

  /** Asks again, as a client should, until the outcome is known. */
  private static <T> T insist(Supplier<T> request) {
    return await()
        .atMost(Duration.ofSeconds(30))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .ignoreExceptionsMatching(
            e -> e instanceof StoreUnavailableException || e instanceof OverloadedException)
        .until(request::get, _ -> true);
  }
}
