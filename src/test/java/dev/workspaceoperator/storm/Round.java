package dev.workspaceoperator.storm;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.workspaceoperator.storm.Admission.State;
import dev.workspaceoperator.storm.Caller.Answer;
import dev.workspaceoperator.storm.Caller.UnknownOutcomeException;
import dev.workspaceoperator.storm.PlannedCall.Way;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** One script from its first request to the last look at the books, in workspaces of its own. */
final class Round {
  private static final long STALL_SECONDS = 180;

  /** After so many the storm has found what it looks for. */
  private static final int VIOLATIONS_ENOUGH = 300;

  private static final Duration EXPIRED_WITHIN = Duration.ofSeconds(60);
  private static final Duration QUIET_WITHIN = Duration.ofSeconds(30);

  private final Servers servers;
  private final Script script;
  private final List<Blow> blows;
  private final Tally tally;
  private final Course course;
  private final List<Ledger> ledgers;
  private final Ledger platform;
  private final List<StormClient> clients = new ArrayList<>();
  private final List<Admin> admins = new ArrayList<>();
  private Instant quietSince = Instant.MAX;

  /** In workspaces that are made now, with what the script breaks. */
  Round(Servers servers, Script script, Tally tally) throws InterruptedException {
    this(servers, script, script.blows(), tally);
  }

  /**
   * The same.
   *
   * @param blows what is to break, in order
   */
  Round(Servers servers, Script script, List<Blow> blows, Tally tally) throws InterruptedException {
    this.servers = servers;
    this.script = script;
    this.blows = List.copyOf(blows);
    this.tally = tally;
    this.course = new Course(script.admissions());
    List<Ledger> made = servers.newWorkspaces(Script.WORKSPACES);
    this.platform = made.getLast();
    this.ledgers = made.subList(0, Script.WORKSPACES);
    for (int number = 0; number < Script.CLIENTS; number++) {
      Ledger ledger = ledgers.get(number % Script.WORKSPACES);
      StormClient client =
          new StormClient(
              "r%dc%d".formatted(script.round(), number),
              ledger,
              course,
              tally,
              servers.replicas().ports());
      clients.add(client);
      admins.add(new Admin(ledger, platform, client, tally));
    }
  }

  /** Runs it, and judges. */
  void run() throws InterruptedException, SQLException, JsonProcessingException {
    List<Thread> threads = new ArrayList<>();
    for (int number = 0; number < Script.CLIENTS; number++) {
      int client = number;
      threads.add(Thread.ofVirtual().start(() -> guarded(() -> live(client))));
    }
    Stopwatch watch = new Stopwatch();
    try {
      strike();
    } finally {
      course.end();
    }
    watch.lap("under load");
    for (Thread thread : threads) {
      thread.join();
    }
    comeToRest();
    watch.lap("coming to rest");
    judge();
    watch.lap("judging");
    System.out.printf("round %d: %s%n", script.round(), watch);
    clients.forEach(StormClient::close);
    tally.count("admitted", course.count());
  }

  private void live(int number) throws InterruptedException {
    Script.Plans plans = script.plans(number);
    Admin admin = admins.get(number);
    while (plans.hasNext() && course.goesOn()) {
      Thread.sleep(script.pace());
      admin.perform(plans.next());
      if (tally.violationCount() > VIOLATIONS_ENOUGH) {
        course.end();
      }
    }
    if (!plans.hasNext()) {
      tally.count("~ scripts at their end");
    }
    await()
        .atMost(EXPIRED_WITHIN)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(50))
        .until(admin::leavesOff);
    clients.get(number).finishAll();
  }

  /** Breaks what is to break, each in its turn. */
  private void strike() throws InterruptedException, SQLException {
    long ahead =
        script.failovers() > 0 ? Integer.MAX_VALUE : script.admissions() / (blows.size() + 1);
    for (Blow blow : blows) {
      if (!course.await(blow.after(), ahead, STALL_SECONDS)) {
        tally.violation("I7", "nothing is admitted any more before " + blow, List.of());
        return;
      }
      System.out.printf(
          "round %d: %,d of %,d admitted, now %s%n",
          script.round(), course.count(), script.admissions(), blow.kind());
      servers.strike(blow, course);
      tally.count("! " + blow.kind());
    }
    if (!course.await(script.admissions(), Integer.MAX_VALUE, STALL_SECONDS)) {
      tally.violation("I7", "the clients did not get as many admissions as wanted", List.of());
    }
  }

  /** No request is under way, every outcome is known, and every run is over. */
  private void comeToRest() throws SQLException {
    servers.replicas().awaitIdle();
    await()
        .atMost(QUIET_WITHIN)
        .until(() ->
            servers
                .query(
                    "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
                        + " AND state <> 'idle' AND pid <> pg_backend_pid()")
                .equals(List.of("0")));
    quietSince =
        Instant.ofEpochMilli(
            Long.parseLong(
                servers
                    .query("SELECT (extract(epoch FROM operator_clock()) * 1000)::bigint")
                    .getFirst()));
    guarded(admins.getLast()::insistOnPlatformOff);
    for (int number = 0; number < Script.WORKSPACES; number++) {
      Admin admin = admins.get(number);
      guarded(admin::insistOnOff);
    }
    try (Caller caller = caller("resolver")) {
      for (Ledger ledger : ledgers) {
        for (Admission asked : ledger.all()) {
          if (asked.state() == State.ASKED || asked.doubtful()) {
            guarded(() -> resolve(ledger, asked, caller));
          }
        }
      }
    }
    clients.subList(0, Script.WORKSPACES).forEach(client -> guarded(client::vanish));
    long start = System.nanoTime();
    for (String left :
        servers.query(
            "SELECT lease_seconds FROM run WHERE status = 'running' ORDER BY lease_seconds")) {
      tally.count("~ runs left to a lease of " + left + " s");
    }
    await()
        .atMost(EXPIRED_WITHIN)
        .pollInterval(Duration.ofMillis(200))
        .until(() -> running().equals(List.of("0")));
    tally.count(
        "~ milliseconds until abandoned runs were over", (System.nanoTime() - start) / 1_000_000);
  }

  private List<String> running() throws SQLException {
    return servers.query("SELECT count(*) FROM run WHERE status = 'running'");
  }

  private void resolve(Ledger ledger, Admission asked, Caller caller) {
    Answer answer = caller.insist(asked.ask);
    new Answers(ledger, tally).admission(asked, answer, Way.ABORTED);
    tally.count("~ resolved in the end");
    if (asked.isRun() && asked.state() == State.ADMITTED) {
      caller.insist(
          Ask.post(
              ledger.apiKey,
              "/v1/runs/%s/finish".formatted(asked.id()),
              "{\"outcome\":\"failed\"}"));
    }
  }

  private void judge() throws SQLException, JsonProcessingException {
    try (Caller caller = caller("judge");
        Connection connection = servers.connect()) {
      StoredHistory ofPlatform = StoredHistory.read(connection, platform.workspaceId);
      new Acknowledged(platform, ofPlatform, quietSince, tally).judge();
      for (Ledger ledger : ledgers) {
        StoredHistory stored = StoredHistory.read(connection, ledger.workspaceId);
        new Acknowledged(ledger, stored, quietSince, tally).judge();
        new Replay(ledger.workspaceId, stored, tally).run();
        new Sums(ledger, caller, tally).judge();
        tally.count("steps stored", stored.steps().size());
        tally.count("runs stored", stored.runs().size());
        tally.count("changes of limits and switches stored", stored.changes().size());
      }
    }
  }

  private Caller caller(String name) {
    return new Caller("r%d%s".formatted(script.round(), name), servers.replicas().ports(), tally);
  }

  /** A client that fails is a violation, with its reason. */
  private void guarded(Work work) {
    try {
      work.run();
    } catch (UnknownOutcomeException e) {
      tally.count("~ unknown");
      tally.violation("unknown", e.toString(), List.of());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      tally.violation("driver", trace.toString(), List.of());
    }
  }

  /** How long each part takes. */
  private static final class Stopwatch {
    private final List<String> laps = new ArrayList<>();
    private long since = System.nanoTime();

    void lap(String part) {
      long now = System.nanoTime();
      laps.add("%s %.1f s".formatted(part, (now - since) / 1e9));
      since = now;
    }

    @Override
    public String toString() {
      return String.join(", ", laps);
    }
  }

  private interface Work {
    void run() throws InterruptedException;
  }
}
