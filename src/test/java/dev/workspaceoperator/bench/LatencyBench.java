package dev.workspaceoperator.bench;

import dev.workspaceoperator.bench.Tenants.Tenant;
import dev.workspaceoperator.gate.Gate;
import dev.workspaceoperator.gate.GateSettings;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * How soon a step is answered, how soon a kill switch holds, and what a neighbour's storm costs.
 */
final class LatencyBench {
  private static final double GOAL_COMMITS = 4;
  private static final double GOAL_FAIR = 3;
  private static final double NEIGHBOUR_PER_SECOND = 200;
  private static final int NEIGHBOUR_CONNECTIONS = 8;

  /** The storm is at its full rate by then. */
  private static final long STORM_RISES_MILLIS = 500;

  /** An admission that slips past an answered kill switch would commit within that time. */
  private static final long READ_AGAIN_MILLIS = 2;

  private static final long KILL_EVERY_MILLIS = 50;

  private final GateLab lab;
  private final Report report;
  private final Wrk wrk;
  private final int connections;
  private final double seconds;

  LatencyBench(GateLab lab, Report report, Wrk wrk, int connections, double seconds) {
    this.lab = lab;
    this.report = report;
    this.wrk = wrk;
    this.connections = connections;
    this.seconds = seconds;
  }

  /**
   * Measures.
   *
   * @param tenants of whom the first is the hot one
   * @param hot the request for a step of the hot one
   * @param peak how many of these were admitted a second
   */
  void run(List<Tenant> tenants, Post hot, double peak)
      throws IOException, InterruptedException, SQLException {
    int port = lab.replicas().getFirst().port();
    Tenant aside = tenants.getLast();
    BatchCommit commit = new BatchCommit(lab, aside.id(), runOf(aside.run(port, "aside")));
    lab.settleDown();
    BatchCommit.Times calm = commit.measure(seconds / 3);
    report.figure("A durable transaction of 64 rows, machine idle otherwise", calm.toString());
    openLoop(port, hot, peak, calm);
    Wrk.Running storm = wrk.start(port, connections, seconds, List.of(hot));
    BatchCommit.Times beside = commit.measure(seconds * 0.8);
    storm.result();
    report.figure("The same beside the full load of the hot workspace", beside.toString());
    kill(port, tenants.getFirst(), hot, beside);
    fairness(port, tenants, hot);
  }

  private void openLoop(int port, Post hot, double peak, BatchCommit.Times calm)
      throws IOException {
    try (HttpLoad load = new HttpLoad(port, connections, List.of(hot.wire()))) {
      load.at(peak / 2, seconds / 3);
      HttpLoad.Result half = load.at(peak / 2, seconds);
      double commits = half.millis(0.99) / calm.millis(0.5);
      report.goal(
          "Steps of the hot workspace at half of that, %,.0f/s, open loop".formatted(peak / 2),
          "%,.0f/s; median %.1f ms, p99 %.1f ms, p99.9 %.1f ms: %.1f× the median transaction of 64 rows"
              .formatted(
                  half.perSecond(),
                  half.millis(0.5),
                  half.millis(0.99),
                  half.millis(0.999),
                  commits),
          "p99 ≤ %.0f×".formatted(GOAL_COMMITS),
          commits <= GOAL_COMMITS);
    }
  }

  /** Each kill is answered while the storm goes on; nothing may be admitted after its answer. */
  private void kill(int port, Tenant tenant, Post hot, BatchCommit.Times beside)
      throws IOException, InterruptedException, SQLException {
    Wrk.Running storm = wrk.start(port, connections, seconds, List.of(hot));
    Thread.sleep(STORM_RISES_MILLIS);
    long[] nanos = new long[10_000];
    int kills = 0;
    long end = System.nanoTime() + (long) ((seconds - 1.5) * 1e9);
    while (System.nanoTime() < end && kills < nanos.length) {
      long start = System.nanoTime();
      tenant.kill(port, "true");
      nanos[kills++] = System.nanoTime() - start;
      long reserved = reserved(tenant);
      Thread.sleep(READ_AGAIN_MILLIS);
      if (reserved(tenant) != reserved) {
        throw new IllegalStateException("a step was admitted after the kill switch was answered");
      }
      tenant.kill(port, "false");
      Thread.sleep(KILL_EVERY_MILLIS);
    }
    Wrk.Result stormed = storm.result();
    long[] sorted = Arrays.copyOf(nanos, kills);
    Arrays.sort(sorted);
    BatchCommit.Times times = new BatchCommit.Times(sorted);
    int goal = lab.replicas().size() + 2;
    double commits = times.millis(0.99) / beside.millis(0.99);
    report.goal(
        "Kill switch of the hot workspace under full load (%,.0f admissions/s between the kills), request to answer"
            .formatted(stormed.perSecond()),
        "%s; its p99 is %.1f× that of a transaction of 64 rows beside the load"
            .formatted(times, commits),
        "≤ replicas + 2 = %d×".formatted(goal),
        commits <= goal);
  }

  private void fairness(int port, List<Tenant> tenants, Post hot)
      throws IOException, InterruptedException {
    Tenant neighbour =
        tenants.stream()
            .filter(tenant -> lane(tenant) != lane(tenants.getFirst()))
            .findFirst()
            .orElseThrow();
    Post post = neighbour.run(port, "neighbour");
    try (HttpLoad load = new HttpLoad(port, NEIGHBOUR_CONNECTIONS, List.of(post.wire()))) {
      load.at(NEIGHBOUR_PER_SECOND, seconds / 3);
      HttpLoad.Result quiet = load.at(NEIGHBOUR_PER_SECOND, seconds);
      Wrk.Running storm = wrk.start(port, connections, seconds + 2, List.of(hot));
      Thread.sleep(STORM_RISES_MILLIS);
      HttpLoad.Result stormy = load.at(NEIGHBOUR_PER_SECOND, seconds);
      Wrk.Result stormed = storm.result();
      double times = stormy.millis(0.99) / quiet.millis(0.99);
      report.goal(
          "%.0f/s of a workspace in another lane, open loop, while the hot one storms (%,.0f/s)"
              .formatted(NEIGHBOUR_PER_SECOND, stormed.perSecond()),
          "p99 %.1f ms, median %.1f ms; in quiet p99 %.1f ms, median %.1f ms: %.1f×"
              .formatted(
                  stormy.millis(0.99),
                  stormy.millis(0.5),
                  quiet.millis(0.99),
                  quiet.millis(0.5),
                  times),
          "p99 ≤ %.0f× of quiet".formatted(GOAL_FAIR),
          times <= GOAL_FAIR);
    }
  }

  private static int lane(Tenant tenant) {
    return Gate.laneOf(tenant.id(), GateSettings.STANDARD.lanes());
  }

  private long reserved(Tenant tenant) throws SQLException {
    return lab.number(
        "SELECT sum(reserved_micro_usd)::bigint FROM workspace_day WHERE workspace_id = '%s'"
            .formatted(tenant.id()));
  }

  private static UUID runOf(Post step) {
    return UUID.fromString(step.path().split("/", -1)[3]);
  }
}
