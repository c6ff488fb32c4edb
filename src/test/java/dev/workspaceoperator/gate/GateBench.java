package dev.workspaceoperator.gate;

import static dev.workspaceoperator.gate.GateFixture.run;
import static dev.workspaceoperator.gate.GateFixture.started;
import static dev.workspaceoperator.gate.GateFixture.step;

import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Run;
import dev.workspaceoperator.workspace.StepDraft;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.LongAdder;

/**
 * Step admissions a second at the Java API: closed loop, one virtual thread a client. Prints also
 * admissions for each WAL flush, and the CPU time that JVM and PostgreSQL took.
 */
final class GateBench {
  private GateBench() {}

  public static void main(String[] args) throws Exception {
    int clients = Integer.getInteger("clients", 256);
    int workspaces = Integer.getInteger("workspaces", 1);
    int lanes = Integer.getInteger("lanes", 4);
    Duration length = Duration.ofSeconds(Integer.getInteger("seconds", 10));
    try (GateFixture db = explained();
        Gate gate = Gate.open(db.settings, GateSettings.STANDARD.withLanes(lanes))) {
      List<StepDraft> drafts = new ArrayList<>();
      for (int i = 0; i < workspaces; i++) {
        UUID workspace = db.workspace();
        Run run = started(gate.start(run(workspace, "ada")));
        drafts.add(step(workspace, run, "0.000001"));
      }
      System.out.println("workspaces ready");
      measure(db, gate, drafts, clients, Duration.ofSeconds(5));
      System.out.println(measure(db, gate, drafts, clients, length));
    }
    System.exit(0);
  }

  /** With {@code -Dexplain}, PostgreSQL logs the plans of slow statements. */
  private static GateFixture explained() throws Exception {
    GateFixture db = GateFixture.open();
    if (Boolean.getBoolean("explain")) {
      String name = db.query("SELECT current_database()").getFirst();
      db.execute(
          "ALTER DATABASE %s SET session_preload_libraries = 'auto_explain'".formatted(name));
      db.execute("ALTER DATABASE %s SET auto_explain.log_min_duration = 5".formatted(name));
      db.execute("ALTER DATABASE %s SET auto_explain.log_analyze = on".formatted(name));
      db.execute("ALTER DATABASE %s SET auto_explain.log_timing = off".formatted(name));
      db.execute("ALTER DATABASE %s SET auto_explain.sample_rate = 0.02".formatted(name));
    }
    return db;
  }

  private static String measure(
      GateFixture db, Gate gate, List<StepDraft> drafts, int clients, Duration length)
      throws Exception {
    LongAdder admitted = new LongAdder();
    int most = 4_000_000 / clients;
    long[][] latencies = new long[clients][];
    long flushes = number(db, "SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal'");
    long postgres = postgresCpuMillis(db);
    long jvm = ProcessHandle.current().info().totalCpuDuration().orElseThrow().toMillis();
    long begin = System.nanoTime();
    long end = begin + length.toNanos();
    Clients.together(
        clients,
        client -> {
          long[] mine = new long[most];
          int count = 0;
          while (count < most && System.nanoTime() < end) {
            long start = System.nanoTime();
            if (gate.step(drafts.get((client + count * clients) % drafts.size()))
                instanceof Outcome.Done<?>) {
              mine[count++] = System.nanoTime() - start;
            }
          }
          admitted.add(count);
          latencies[client] = Arrays.copyOf(mine, count);
        });
    double seconds = (System.nanoTime() - begin) / 1e9;
    long jvmUsed = ProcessHandle.current().info().totalCpuDuration().orElseThrow().toMillis() - jvm;
    long postgresUsed = postgresCpuMillis(db) - postgres;
    Thread.sleep(1200);
    flushes = number(db, "SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal'") - flushes;
    long[] all = Arrays.stream(latencies).flatMapToLong(Arrays::stream).sorted().toArray();
    return "clients %d workspaces %d: %.0f/s, %.1f admissions a flush, p50 %.2f ms p99 %.2f ms max %.1f ms, jvm %.2f cores, postgres %.2f cores"
        .formatted(
            clients,
            drafts.size(),
            admitted.sum() / seconds,
            (double) admitted.sum() / Math.max(1, flushes),
            all[all.length / 2] / 1e6,
            all[(int) (all.length * 0.99)] / 1e6,
            all[all.length - 1] / 1e6,
            jvmUsed / seconds / 1000,
            postgresUsed / seconds / 1000);
  }

  private static long number(GateFixture db, String sql) throws Exception {
    return Long.parseLong(db.query(sql).getFirst());
  }

  private static long postgresCpuMillis(GateFixture db) throws Exception {
    long ticks = 0;
    for (String pid : db.query("SELECT pid FROM pg_stat_activity")) {
      try {
        String[] stat = Files.readString(Path.of("/proc", pid, "stat")).split(" ", -1);
        ticks += Long.parseLong(stat[13]) + Long.parseLong(stat[14]);
      } catch (IOException e) {
        System.err.println("process " + pid + " has ended meanwhile");
      }
    }
    return ticks * 10;
  }
}
