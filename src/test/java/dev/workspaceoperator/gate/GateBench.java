package dev.workspaceoperator.gate;

import static dev.workspaceoperator.gate.GateFixture.done;
import static dev.workspaceoperator.gate.GateFixture.started;
import static dev.workspaceoperator.gate.GateFixture.step;

import dev.workspaceoperator.workspace.Run;
import dev.workspaceoperator.workspace.port.RunDraft;
import dev.workspaceoperator.workspace.port.StepDraft;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    int admissions = Integer.getInteger("admissions", 300_000);
    try (GateFixture db = explained();
        Gate gate =
            Gate.open(
                db.settings, GateSettings.STANDARD.withLanes(lanes), new SimpleMeterRegistry())) {
      List<StepDraft> drafts = new ArrayList<>();
      for (int i = 0; i < workspaces; i++) {
        UUID workspace = db.workspace();
        Run run =
            started(
                gate.start(
                    new RunDraft(
                        workspace, "ada", 3600, Optional.empty(), Map.of(), Optional.empty())));
        drafts.add(step(workspace, run, "0.000001"));
      }
      System.out.println("workspaces ready");
      measure(db, gate, drafts, clients, admissions);
      System.out.println(measure(db, gate, drafts, clients, admissions));
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
      GateFixture db, Gate gate, List<StepDraft> drafts, int clients, int admissions)
      throws Exception {
    LongAdder admitted = new LongAdder();
    int each = admissions / clients;
    long[][] latencies = new long[clients][];
    long flushes = number(db, "SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal'");
    long postgres = postgresCpuMillis(db);
    long jvm = ProcessHandle.current().info().totalCpuDuration().orElseThrow().toMillis();
    long begin = System.nanoTime();
    Clients.together(
        clients,
        client -> {
          long[] mine = new long[each];
          for (int i = 0; i < each; i++) {
            long start = System.nanoTime();
            var _ = done(gate.step(drafts.get((client + i * clients) % drafts.size())));
            mine[i] = System.nanoTime() - start;
          }
          admitted.add(each);
          latencies[client] = mine;
        });
    double seconds = (System.nanoTime() - begin) / 1e9;
    long jvmUsed = ProcessHandle.current().info().totalCpuDuration().orElseThrow().toMillis() - jvm;
    long postgresUsed = postgresCpuMillis(db) - postgres;
    Thread.sleep(1200); // pg_stat_io is written once a second
    flushes = number(db, "SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal'") - flushes;
    long[] all = Arrays.stream(latencies).flatMapToLong(Arrays::stream).sorted().toArray();
    return "clients %d workspaces %d: %.0f/s, %.1f admissions a flush, p50 %.2f ms p99 %.2f ms max %.1f ms, CPU an admission: jvm %.1f us, postgres %.1f us"
        .formatted(
            clients,
            drafts.size(),
            admitted.sum() / seconds,
            (double) admitted.sum() / Math.max(1, flushes),
            all[all.length / 2] / 1e6,
            all[(int) (all.length * 0.99)] / 1e6,
            all[all.length - 1] / 1e6,
            jvmUsed * 1000.0 / admitted.sum(),
            postgresUsed * 1000.0 / admitted.sum());
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
