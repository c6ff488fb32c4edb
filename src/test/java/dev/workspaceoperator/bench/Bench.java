package dev.workspaceoperator.bench;

import dev.workspaceoperator.crd.WorkspaceStatus;
import dev.workspaceoperator.env.EmbeddedDatabase;
import dev.workspaceoperator.env.FreePort;
import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.KubeApiServerSpec;
import dev.workspaceoperator.env.KubeBinaries;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * {@code ./mvnw -Pbench [-Dworkspaces=10000]}: measures the packaged controller, prints a table and
 * puts it into {@code docs/benchmarks.md}.
 *
 * <p>Load generator, API server, etcd, PostgreSQL and controller share the machine, so only ratios
 * within one run mean something elsewhere.
 */
public final class Bench {
  private static final List<String> HEAP = List.of("-XX:+UseSerialGC", "-Xmx96m");
  private static final Path DIRECTORY = Path.of("target", "bench");
  private static final Path AOT_CACHE = DIRECTORY.resolve("controller.aot");
  private static final Path DOCUMENT = Path.of("docs", "benchmarks.md");
  private static final String BEGIN = "<!-- measured: begin -->\n";
  private static final String END = "<!-- measured: end -->\n";
  private static final int STARTS = 3;

  /** Has the one Workspace whose way to Ready is timed. */
  private static final String FIRST = "first";

  /** Never seen by the operator. */
  private static final String BARE = "bare";

  private static final String MANAGED = "managed";

  private final int workspaces;
  private final EmbeddedDatabase database;
  private final KubeApiServer server;
  private final Cluster cluster;
  private final StringBuilder table =
      new StringBuilder("| Measured | Result | Goal | |\n|---|---|---|---|\n");

  private Bench(int workspaces, EmbeddedDatabase database, KubeApiServer server, Cluster cluster) {
    this.workspaces = workspaces;
    this.database = database;
    this.server = server;
    this.cluster = cluster;
  }

  /** Takes the number of Workspaces. */
  public static void main(String[] arguments) throws Exception {
    int workspaces = Integer.parseInt(arguments[0]);
    deleteOld();
    Files.createDirectories(DIRECTORY);
    KubeBinaries binaries = KubeBinaries.locate(Bench::say);
    try (EmbeddedDatabase database = EmbeddedDatabase.startThrowaway(Bench::say);
        KubeApiServer server =
            KubeApiServer.start(
                KubeApiServerSpec.durable(
                    DIRECTORY.resolve("kube"),
                    KubeApiServerSpec.FREE_PORT,
                    KubeApiServerSpec.FREE_PORT),
                binaries,
                Bench::say);
        Cluster cluster = new Cluster(server.kubeconfig())) {
      server.kubectl("apply", "--server-side", "-f", "crds").orThrow();
      server
          .kubectl("wait", "--for=condition=Established", "--timeout=30s", "-f", "crds")
          .orThrow();
      for (String namespace : List.of(FIRST, BARE, MANAGED)) {
        cluster.createNamespace(namespace);
      }
      new Bench(workspaces, database, server, cluster).run();
    }
  }

  private void run() throws IOException, InterruptedException, SQLException {
    start();
    WorkspaceStatus status = cluster.status(FIRST);
    say("Bare client");
    cluster.create(BARE, workspaces);
    double bareBefore = workspaces / cluster.patchStatus(BARE, workspaces, status, 1);
    say("%.0f status patches/s".formatted(bareBefore));
    Synced synced = sync();
    say("Backlog");
    cluster.change(MANAGED, workspaces, 102);
    double backlog = backlog();
    double bareAfter = workspaces / cluster.patchStatus(BARE, workspaces, status, 2);
    double bare = (bareBefore + bareAfter) / 2;
    row(
        "Bare client: status patches alone, mean of a run before and one after",
        "%.0f/s (%.0f, %.0f)".formatted(bare, bareBefore, bareAfter));
    ratio(
        "Created by 16 users, until all are Ready (create and status: 2 writes each)",
        synced.created(),
        bare);
    ratio(
        "Changed by 16 users, until all are observed (spec and status: 2 writes each)",
        synced.changed(),
        bare);
    ratio(
        "Changed while the controller was down, until all are observed (1 write each)",
        backlog,
        bare);
    goal(
        "Controller CPU per reconciliation, warm",
        "%.2f ms (%.2f ms per change; %.2f reconciliations per change)"
            .formatted(
                synced.cpuMillis(), synced.cpuMillis() * synced.perChange(), synced.perChange()),
        "≤ 2 ms",
        synced.cpuMillis() <= 2);
    goal(
        "Controller RSS under load, `%s`".formatted(String.join(" ", HEAP)),
        "%.0f MiB, peak %.0f MiB".formatted(synced.rss(), synced.peak()),
        "≤ 200 MiB",
        synced.peak() <= 200);
    restart("without AOT cache", HEAP);
    restart("with AOT cache", withAot());
    String report = machine() + "\n" + table;
    System.out.println(report);
    write(report);
  }

  private void start() throws IOException, InterruptedException {
    say("Start");
    cluster.create(FIRST, 1);
    List<String> training = new ArrayList<>(HEAP);
    training.add("-XX:AOTCacheOutput=" + AOT_CACHE);
    try (OperatorProcess operator = operator(training, FIRST)) {
      awaitFirst(operator);
    }
    if (!Files.exists(AOT_CACHE)) {
      throw new IllegalStateException("the training run left no AOT cache");
    }
    List<Double> plain = new ArrayList<>();
    List<Double> aot = new ArrayList<>();
    List<Double> plainCpu = new ArrayList<>();
    List<Double> aotCpu = new ArrayList<>();
    for (int i = 0; i < STARTS; i++) {
      plain.add(firstReady(HEAP, 1_000 + i, plainCpu));
      aot.add(firstReady(withAot(), 2_000 + i, aotCpu));
    }
    goal(
        "Process start to first Ready, median of " + STARTS,
        spread(plain, plainCpu),
        "≤ 2.5 s",
        median(plain) <= 2.5);
    goal("The same with an AOT cache", spread(aot, aotCpu), "≤ 1.0 s", median(aot) <= 1.0);
  }

  private double firstReady(List<String> flags, int budget, List<Double> cpu)
      throws IOException, InterruptedException {
    cluster.change(FIRST, 1, budget);
    try (OperatorProcess operator = operator(flags, FIRST)) {
      double seconds = awaitFirst(operator);
      cpu.add(operator.cpu());
      say("first Ready after %.2f s, %.2f s of CPU".formatted(seconds, cpu.getLast()));
      return seconds;
    }
  }

  private double awaitFirst(OperatorProcess operator) throws InterruptedException {
    while (!cluster.isFirstReady(FIRST)) {
      if (operator.age() > 60) {
        throw new IllegalStateException("not Ready after 60 s; see controller.log");
      }
      Thread.sleep(20);
    }
    return operator.age();
  }

  /**
   * What the controller did under load.
   *
   * @param created Workspaces a second, from nothing to Ready
   * @param changed Workspaces a second, from a change to observed
   * @param cpuMillis CPU time per reconciliation while they changed
   * @param perChange reconciliations per change
   */
  private record Synced(
      double created,
      double changed,
      double cpuMillis,
      double perChange,
      double rss,
      double peak) {}

  private Synced sync() throws IOException, InterruptedException {
    say("Sync");
    try (OperatorProcess operator = operator(HEAP, MANAGED)) {
      operator.awaitLeading();
      long startedAtNanos = System.nanoTime();
      double creating = cluster.create(MANAGED, workspaces);
      operator.await("synced", count -> count >= workspaces);
      double created = (System.nanoTime() - startedAtNanos) / 1e9;
      requireReady();
      say("created in %.1f s, Ready after %.1f s".formatted(creating, created));

      double cpuBefore = operator.cpu();
      double reconcilesBefore = operator.reconciles("");
      double syncedBefore = operator.reconciles("synced");
      startedAtNanos = System.nanoTime();
      double changing = cluster.change(MANAGED, workspaces, 101);
      operator.await("synced", count -> count >= syncedBefore + workspaces);
      double changed = (System.nanoTime() - startedAtNanos) / 1e9;
      double cpu = operator.cpu() - cpuBefore;
      double reconciles = operator.reconciles("") - reconcilesBefore;
      requireReady();
      say(
          "changed in %.1f s, observed after %.1f s, %.1f s of CPU, %.0f reconciliations"
              .formatted(changing, changed, cpu, reconciles));
      return new Synced(
          workspaces / created,
          workspaces / changed,
          cpu * 1_000 / reconciles,
          reconciles / workspaces,
          operator.memory("VmRSS"),
          operator.memory("VmHWM"));
    }
  }

  /** Workspaces a second, from the first reconciliation to the last. */
  private double backlog() throws IOException, InterruptedException {
    try (OperatorProcess operator = operator(HEAP, MANAGED)) {
      operator.await("synced", count -> count > 0);
      double done = operator.reconciles("synced");
      long startedAtNanos = System.nanoTime();
      operator.await("synced", count -> count >= workspaces);
      double seconds = (System.nanoTime() - startedAtNanos) / 1e9;
      requireReady();
      say("backlog done in %.1f s".formatted(seconds));
      return (workspaces - done) / seconds;
    }
  }

  private void restart(String how, List<String> flags)
      throws IOException, InterruptedException, SQLException {
    say("Restart " + how);
    Map<String, String> versionsBefore = cluster.versions(MANAGED);
    Map<String, Long> rowsBefore = rowsWritten();
    double seconds;
    double rss;
    double peak;
    try (OperatorProcess operator = operator(flags, MANAGED)) {
      operator.await("", count -> count >= workspaces);
      seconds = operator.age();
      // Whatever would be written a little later counts as well.
      Thread.sleep(2_000);
      rss = operator.memory("VmRSS");
      peak = operator.memory("VmHWM");
    }
    Thread.sleep(1_500);
    Map<String, String> versionsAfter = cluster.versions(MANAGED);
    long resources =
        versionsAfter.entrySet().stream()
            .filter(each -> !each.getValue().equals(versionsBefore.get(each.getKey())))
            .count();
    Map<String, Long> rowsAfter = rowsWritten();
    // Every leader raises its epoch, once; that is the fence, not a sync.
    long epoch = rowsAfter.getOrDefault("cluster", 0L) - rowsBefore.getOrDefault("cluster", 0L);
    long rows = sum(rowsAfter) - sum(rowsBefore) - epoch;
    goal(
        "Restart with %,d unchanged, until all were looked at, %s".formatted(workspaces, how),
        "%.1f s; %d resources and %d rows written (and %d epoch); RSS %.0f MiB, peak %.0f MiB"
            .formatted(seconds, resources, rows, epoch, rss, peak),
        "≤ 10 s, no write",
        seconds <= 10 && resources == 0 && rows == 0);
  }

  private void requireReady() throws InterruptedException {
    for (int tries = 0; cluster.unready(MANAGED) > 0; tries++) {
      if (tries > 30) {
        throw new IllegalStateException("some Workspaces are not Ready");
      }
      say("%d not Ready yet".formatted(cluster.unready(MANAGED)));
      Thread.sleep(1_000);
    }
  }

  private OperatorProcess operator(List<String> flags, String namespace) throws IOException {
    File log = DIRECTORY.resolve("controller.log").toFile();
    return OperatorProcess.start(
        flags,
        FreePort.find(),
        log,
        List.of(
            "--database-url=" + database.url(),
            "--kubeconfig=" + server.kubeconfig(),
            "--namespaces=" + namespace));
  }

  private static List<String> withAot() {
    List<String> flags = new ArrayList<>(HEAP);
    flags.add("-XX:AOTCache=" + AOT_CACHE);
    flags.add("-XX:AOTMode=on");
    return flags;
  }

  private Map<String, Long> rowsWritten() throws SQLException {
    URI uri = URI.create(database.url());
    String[] user = uri.getUserInfo().split(":", -1);
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + uri.getPort() + uri.getPath(), user[0], user[1]);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables")) {
      Map<String, Long> written = new TreeMap<>();
      while (row.next()) {
        written.put(row.getString(1), row.getLong(2));
      }
      return written;
    }
  }

  private static long sum(Map<String, Long> rows) {
    return rows.values().stream().mapToLong(Long::longValue).sum();
  }

  private static double median(List<Double> values) {
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    return sorted.get(sorted.size() / 2);
  }

  private static String spread(List<Double> wall, List<Double> cpu) {
    return "%.2f s (%.2f to %.2f); %.2f s of CPU (%.2f to %.2f)"
        .formatted(
            median(wall),
            Collections.min(wall),
            Collections.max(wall),
            median(cpu),
            Collections.min(cpu),
            Collections.max(cpu));
  }

  private void ratio(String what, double rate, double bare) {
    goal(what, "%.0f/s = %.2f×".formatted(rate, rate / bare), "≥ 0.6×", rate / bare >= 0.6);
  }

  private void row(String what, String result) {
    table.append("| %s | %s | | |\n".formatted(what, result));
  }

  private void goal(String what, String result, String goal, boolean reached) {
    String line =
        "| %s | %s | %s | %s |\n".formatted(what, result, goal, reached ? "reached" : "missed");
    table.append(line);
    say(line.strip());
  }

  private String machine() throws IOException {
    String memory =
        Files.readAllLines(Path.of("/proc/meminfo")).getFirst().replaceAll("[^0-9]", "");
    String load = Files.readString(Path.of("/proc/loadavg"));
    return """
    %,d Workspaces, %s. %d cores, %.0f GiB of memory, Linux %s, Java %s.
    Load average (1, 5, 15 minutes) at the end: %s.
    """
        .formatted(
            workspaces,
            LocalDate.now(ZoneOffset.UTC),
            Runtime.getRuntime().availableProcessors(),
            Long.parseLong(memory) / 1024.0 / 1024.0,
            System.getProperty("os.version"),
            Runtime.version(),
            String.join(", ", List.of(load.split(" ", -1)).subList(0, 3)));
  }

  private static void write(String report) throws IOException {
    String text = Files.readString(DOCUMENT);
    int from = text.indexOf(BEGIN);
    int to = text.indexOf(END);
    if (from < 0 || to < from) {
      throw new IllegalStateException(DOCUMENT + " has no place for the figures");
    }
    Files.writeString(
        DOCUMENT, text.substring(0, from) + BEGIN + "\n" + report + "\n" + text.substring(to));
  }

  private static void deleteOld() throws IOException {
    if (!Files.exists(DIRECTORY)) {
      return;
    }
    try (Stream<Path> all = Files.walk(DIRECTORY)) {
      for (Path path : all.sorted(Collections.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private static void say(String line) {
    System.out.printf(Locale.ROOT, "%tT %s%n", System.currentTimeMillis(), line);
  }
}
