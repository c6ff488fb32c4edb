package dev.workspaceoperator.bench;

import dev.workspaceoperator.bench.Tenants.Tenant;
import dev.workspaceoperator.env.DelayProxy;
import dev.workspaceoperator.env.PostgresBinaries;
import dev.workspaceoperator.env.PostgresPair;
import dev.workspaceoperator.env.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * {@code ./mvnw -Pbench -Dbench=DistanceBench}: what it costs that PostgreSQL is far from the
 * replica, or its synchronous standby far from it: admissions a second, how soon they are answered,
 * how many a batch holds and for how many round trips it lasts, and how soon a kill switch holds.
 *
 * <p>One replica comes to PostgreSQL, or the standby to its primary, by a proxy that waits, whose
 * distance changes from turn to turn, so that all distances meet the same machine and the same warm
 * JVM.
 */
public final class DistanceBench {
  private static final int[] DISTANCES = {0, 1, 5, 20};
  private static final int[] CONNECTIONS = {64, 256, 1024};

  private static final int WARM_UP_CONNECTIONS = 32;
  private static final int WORKSPACES = 200;
  private static final int ROUNDS = 2;
  private static final double SECONDS = Integer.getInteger("bench.seconds", 15) / 5.0;
  private static final double WARM_UP_SECONDS = Integer.getInteger("bench.warm", 90) / 3.0;
  private static final double CALM_PER_SECOND = 200;
  private static final int CALM_CONNECTIONS = 64;
  private static final int LOOKS = 200;
  private static final long KILL_EVERY_MILLIS = 50;

  /** How far off the standby is; below 0 there is none. */
  private static final int[] STANDBYS = {-1, 0, 5};

  private final GateLab lab;
  private final Mover mover;
  private final List<DistanceFigures> figures;
  private final ExecutorService beside =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon(true).factory());
  private final int port;

  /** Whose kill switch is switched. */
  private final Tenant switched;

  private final List<String> spread = new ArrayList<>();

  private DistanceBench(
      GateLab lab, GateLab.Replica replica, List<DistanceFigures> figures, Mover mover)
      throws IOException, InterruptedException, SQLException {
    this.lab = lab;
    this.mover = mover;
    this.figures = figures;
    Tenants tenants = new Tenants(lab);
    tenants.fillUpTo(WORKSPACES);
    List<Tenant> all = tenants.pick(WORKSPACES);
    this.port = replica.port();
    this.switched = all.getLast();
    for (Tenant tenant : all.subList(0, WORKSPACES - 1)) {
      spread.add(tenant.run(port, "ada").wire());
    }
  }

  /** Takes no arguments that it heeds. */
  public static void main(String[] arguments)
      throws IOException, InterruptedException, SQLException, ExecutionException {
    Report report =
        new Report(
            "distance",
            "%d workspaces, %d turns of %.0f s for each figure"
                .formatted(WORKSPACES, ROUNDS, SECONDS));
    List<DistanceFigures> far = ofReplica();
    Optional<PostgresBinaries> binaries = PostgresBinaries.ofDistribution();
    if (binaries.isEmpty()) {
      Report.say("NO STANDBY: that needs pg_basebackup; on Debian, apt-get install postgresql");
    }
    String standby =
        binaries.isEmpty() ? "" : "\n" + DistanceFigures.standbys(ofStandby(binaries.get()));
    report.finish(DistanceFigures.tables(far) + standby);
    DistanceChart.write(far);
  }

  private static List<DistanceFigures> ofReplica()
      throws IOException, InterruptedException, SQLException, ExecutionException {
    List<DistanceFigures> figures = new ArrayList<>();
    try (GateLab lab = GateLab.open();
        DelayProxy proxy = DelayProxy.start(lab.databasePort(), Duration.ZERO)) {
      for (int millis : DISTANCES) {
        DistanceFigures at = new DistanceFigures(millis);
        proxy.setRoundTrip(Duration.ofMillis(millis));
        at.looked(selectOne(lab, proxy.port()));
        figures.add(at);
      }
      proxy.setRoundTrip(Duration.ZERO);
      new DistanceBench(
              lab,
              lab.startReplicaBy(proxy.port()),
              figures,
              millis -> proxy.setRoundTrip(Duration.ofMillis(millis)))
          .run();
    }
    return figures;
  }

  private static List<DistanceFigures> ofStandby(PostgresBinaries binaries)
      throws IOException, InterruptedException, SQLException, ExecutionException {
    List<DistanceFigures> figures = Arrays.stream(STANDBYS).mapToObj(DistanceFigures::new).toList();
    // Not below target/: another user runs the server, who may not enter everywhere.
    Path directory = Files.createTempDirectory("workspace-operator-standby-");
    try (PostgresPair pair = PostgresPair.startOnLoopback(binaries, directory, Report::say);
        DelayProxy proxy = DelayProxy.start(pair.primary().port(), Duration.ZERO)) {
      pair.standbyFollowsBy(proxy.port());
      try (GateLab lab = GateLab.on(pair.primary().url())) {
        new DistanceBench(
                lab,
                lab.startReplica(),
                figures,
                millis -> {
                  proxy.setRoundTrip(Duration.ofMillis(Math.max(0, millis)));
                  if (millis < 0) {
                    pair.commitOnPrimary();
                  } else {
                    pair.commitOnBoth();
                  }
                })
            .run();
      }
    } finally {
      Trees.delete(directory);
    }
    return figures;
  }

  private void run() throws IOException, InterruptedException, SQLException, ExecutionException {
    HttpLoad.Result _ = load(WARM_UP_CONNECTIONS, spread, WARM_UP_SECONDS);
    for (int round = 0; round < ROUNDS; round++) {
      for (DistanceFigures at : round % 2 == 0 ? figures : figures.reversed()) {
        measure(at);
      }
    }
  }

  private void measure(DistanceFigures at)
      throws IOException, InterruptedException, SQLException, ExecutionException {
    lab.settleDown();
    mover.moveTo(at.millis());
    for (int connections : CONNECTIONS) {
      BatchCount before = batches();
      HttpLoad.Result result = load(connections, spread, SECONDS);
      at.spread(connections, result, batches().since(before));
    }
    BatchCount before = batches();
    at.hot(load(DistanceFigures.USUAL, spread.subList(0, 1), SECONDS), batches().since(before));
    try (HttpLoad load = new HttpLoad(port, CALM_CONNECTIONS, spread)) {
      at.calm(load.at(CALM_PER_SECOND, SECONDS));
    }
    at.kills(kills());
    Report.say(at.toString());
  }

  private HttpLoad.Result load(int connections, List<String> requests, double seconds)
      throws IOException {
    try (HttpLoad load = new HttpLoad(port, connections, requests)) {
      return load.asFastAsItGoes(seconds);
    }
  }

  /** The kill switch of a workspace whose lane is busy with others, from request to answer. */
  private long[] kills() throws InterruptedException, IOException, ExecutionException {
    Future<HttpLoad.Result> storm =
        beside.submit(() -> load(DistanceFigures.USUAL, spread, SECONDS + 1));
    long[] nanos = new long[1000];
    int kills = 0;
    long end = System.nanoTime() + (long) (SECONDS * 1e9);
    while (System.nanoTime() < end && kills < nanos.length) {
      long start = System.nanoTime();
      switched.kill(port, "true");
      nanos[kills++] = System.nanoTime() - start;
      switched.kill(port, "false");
      Thread.sleep(KILL_EVERY_MILLIS);
    }
    HttpLoad.Result _ = storm.get();
    return Arrays.copyOf(nanos, kills);
  }

  /** Milliseconds, the median. */
  private static double selectOne(GateLab lab, int databasePort) throws SQLException {
    long[] nanos = new long[LOOKS];
    try (Connection connection = lab.connectBy(databasePort);
        Statement statement = connection.createStatement()) {
      for (int i = 0; i < LOOKS; i++) {
        long start = System.nanoTime();
        statement.execute("SELECT 1");
        nanos[i] = System.nanoTime() - start;
      }
    }
    Arrays.sort(nanos);
    return nanos[LOOKS / 2] / 1e6;
  }

  private BatchCount batches() throws InterruptedException {
    OperatorProcess process = lab.replicas().getFirst().process();
    return new BatchCount(
        process.metric("workspace_operator_gate_batch_operations_count"),
        process.metric("workspace_operator_gate_batch_operations_sum"),
        process.metric("workspace_operator_gate_batch_seconds_sum"));
  }

  /** Changes how far off what is measured is. */
  private interface Mover {
    void moveTo(int millis) throws InterruptedException, SQLException;
  }
}
