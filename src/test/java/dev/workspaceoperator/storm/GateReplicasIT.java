package dev.workspaceoperator.storm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.gate.Clients;
import dev.workspaceoperator.storm.Caller.Answer;
import dev.workspaceoperator.storm.Wire.Reply;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Limits and kill switches through HTTP: many clients at full speed, three replicas. */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class GateReplicasIT {
  private static final int BUDGET_ROUNDS = Integer.getInteger("budget.rounds", 2);
  private static final int TOGGLES = Integer.getInteger("kill.toggles", 20);
  private static final int LEASE_SECONDS = Integer.getInteger("cap.lease.seconds", 6);
  private static final int CLIENTS = 200;
  private static final int KILL_CLIENTS = 64;

  private static Servers servers;
  private final Tally tally = new Tally();

  @BeforeAll
  static void open() throws Exception {
    servers = Servers.start(3, Servers.Way.DIRECT);
  }

  @AfterAll
  static void close() {
    servers.close();
  }

  @Test
  void aDollarAdmitsAHundredCents() throws Exception {
    for (Ledger workspace : servers.newWorkspaces(BUDGET_ROUNDS).subList(0, BUDGET_ROUNDS)) {
      patch(workspace, "{\"daily_budget_usd\":1}");
      String run = startedRun(workspace);
      AtomicInteger admitted = new AtomicInteger();
      Clients.together(
          CLIENTS,
          client -> {
            try (Caller caller = caller("b" + client)) {
              Reply reply;
              do {
                reply = caller.insist(step(workspace, run, Optional.empty())).reply();
                admitted.addAndGet(reply.status() == 201 ? 1 : 0);
              } while (reply.status() == 201);
              assertThat(reply.code()).isEqualTo("DAILY_BUDGET_EXCEEDED");
            }
          });
      assertThat(admitted).hasValue(100);
      assertThat(count("step", workspace, "true")).isEqualTo(100);
    }
  }

  @Test
  void tenRunsAndNeverElevenAndTenAgainAfterTheirClientsVanished() throws Exception {
    Ledger workspace = servers.newWorkspaces(1).getFirst();
    patch(workspace, "{\"max_concurrent_runs\":10}");
    assertThat(startTogether(workspace, "first", LEASE_SECONDS)).isEqualTo(10);
    long vanished = System.nanoTime();

    AtomicInteger again = new AtomicInteger();
    await()
        .atMost(Duration.ofSeconds(LEASE_SECONDS + 5L))
        .until(() -> {
          again.addAndGet(startTogether(workspace, "again" + System.nanoTime(), 3600));
          assertThat(count("run", workspace, "status = 'running'")).isLessThanOrEqualTo(10);
          return again.get() >= 10;
        });
    System.out.printf(
        "10 runs again after %.1f s (lease %d s)%n",
        (System.nanoTime() - vanished) / 1e9, LEASE_SECONDS);

    assertThat(startTogether(workspace, "eleventh", LEASE_SECONDS)).isZero();
    assertThat(again).hasValue(10);
    replay(workspace);
  }

  @Test
  void nothingIsAdmittedOnceASwitchIsOn() throws Exception {
    List<Ledger> ledgers = servers.newWorkspaces(1);
    Ledger workspace = ledgers.getFirst();
    String run = startedRun(workspace);
    AtomicBoolean over = new AtomicBoolean();
    AtomicLong admitted = new AtomicLong();
    AtomicLong refused = new AtomicLong();
    Clients.together(
        KILL_CLIENTS + 1,
        client -> {
          try (Caller caller = caller("k" + client)) {
            if (client > 0) {
              load(caller, client, workspace, run, over, admitted, refused);
              return;
            }
            try {
              for (int toggle = 0; toggle < TOGGLES; toggle++) {
                Ledger whose = ledgers.get(toggle % 2);
                awaitMore(admitted, 20);
                toggle(caller, whose, true);
                long atTheAnswer = admitted.get();
                awaitMore(refused, 2L * KILL_CLIENTS);
                assertThat(admitted.get() - atTheAnswer)
                    .as("answers that were on their way")
                    .isLessThanOrEqualTo(KILL_CLIENTS);
                toggle(caller, whose, false);
              }
            } finally {
              over.set(true);
            }
          }
        });
    System.out.printf(
        "%d toggles, %d admitted, %d refused%n", TOGGLES, admitted.get(), refused.get());
    replay(workspace);
  }

  private static void load(
      Caller caller,
      int client,
      Ledger workspace,
      String run,
      AtomicBoolean over,
      AtomicLong admitted,
      AtomicLong refused) {
    for (int number = 0; !over.get(); number++) {
      Optional<String> key = Optional.of("k%d-%d".formatted(client, number));
      Reply reply = caller.insist(step(workspace, run, key)).reply();
      if (reply.status() == 201) {
        admitted.incrementAndGet();
      } else {
        assertThat(reply.code()).isEqualTo("KILL_SWITCH_ACTIVE");
        refused.incrementAndGet();
      }
    }
  }

  private static void awaitMore(AtomicLong counter, long more) {
    long before = counter.get();
    await()
        .atMost(Duration.ofSeconds(60))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(2))
        .until(() -> counter.get() >= before + more);
  }

  /** The judge is the database, in the order of its COMMITs. */
  private void replay(Ledger workspace) throws Exception {
    try (Connection connection = servers.connect()) {
      StoredHistory stored = StoredHistory.read(connection, workspace.workspaceId);
      new Replay(workspace.workspaceId, stored, tally).run();
      assertThat(stored.changes()).isNotEmpty();
    }
    assertThat(tally.violations()).isEmpty();
  }

  /** How many of the clients were admitted. */
  private int startTogether(Ledger workspace, String wave, int leaseSeconds) throws Exception {
    AtomicInteger admitted = new AtomicInteger();
    Clients.together(
        CLIENTS,
        client -> {
          try (Caller caller = caller(wave + client)) {
            Ask ask =
                new Ask(
                    workspace.apiKey,
                    "POST",
                    "/v1/runs",
                    Optional.of(wave + client),
                    "{\"user_id\":\"u%d\",\"lease_seconds\":%d}".formatted(client, leaseSeconds));
            Reply reply = caller.insist(ask).reply();
            if (reply.status() == 201) {
              admitted.incrementAndGet();
            } else {
              assertThat(reply.code()).isEqualTo("MAX_CONCURRENT_RUNS_EXCEEDED");
            }
          }
        });
    return admitted.get();
  }

  private String startedRun(Ledger workspace) {
    try (Caller caller = caller("start")) {
      return caller
          .insist(
              Ask.post(workspace.apiKey, "/v1/runs", "{\"user_id\":\"u0\",\"lease_seconds\":3600}"))
          .reply()
          .field("id");
    }
  }

  private void patch(Ledger workspace, String body) {
    try (Caller caller = caller("patch")) {
      Ask ask = new Ask(workspace.apiKey, "PATCH", "/v1/workspace/", Optional.empty(), body);
      assertThat(caller.insist(ask).reply().status()).isEqualTo(200);
    }
  }

  private static void toggle(Caller caller, Ledger whose, boolean active) {
    boolean workspaces = !whose.workspaceId.startsWith("00000000-0000");
    Answer answer =
        caller.insist(
            Ask.post(
                whose.apiKey,
                workspaces ? "/v1/workspace/kill-switch" : "/v1/platform/kill-switch",
                "{\"active\":%b}".formatted(active)));
    assertThat(answer.reply().status()).isEqualTo(200);
  }

  private static Ask step(Ledger workspace, String run, Optional<String> key) {
    return new Ask(
        workspace.apiKey,
        "POST",
        "/v1/runs/%s/steps".formatted(run),
        key,
        "{\"max_cost_usd\":0.01}");
  }

  private static long count(String table, Ledger workspace, String condition) throws Exception {
    return Long.parseLong(
        servers
            .query(
                "SELECT count(*) FROM %s WHERE workspace_id = '%s' AND %s"
                    .formatted(table, workspace.workspaceId, condition))
            .getFirst());
  }

  private Caller caller(String name) {
    return new Caller(name, servers.replicas().ports(), tally);
  }
}
