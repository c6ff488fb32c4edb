package dev.workspaceoperator.bench;

import dev.workspaceoperator.bench.Tenants.Tenant;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * {@code ./mvnw -Pbench -Dbench=AdmissionsScaleBench [-Dbench.steps=10000000]}: whether an
 * admission costs the same however many workspaces there are, and steps of the day; and what more
 * replicas do. 1,000 workspaces, evenly among all, ask in turn.
 */
public final class AdmissionsScaleBench {
  private static final int CONNECTIONS = 256;
  private static final int ASKING = 1_000;
  private static final int WORKSPACES_MAX = Integer.getInteger("bench.workspaces", 1_000_000);
  private static final long STEPS_MAX = Long.getLong("bench.steps", 1_000_000);
  private static final int REPLICAS_MAX = 3;
  private static final double SECONDS = Integer.getInteger("bench.seconds", 15);
  private static final double WARM_UP_SECONDS = Integer.getInteger("bench.warm", 90);
  private static final double GOAL_SPREAD = 1.25;

  private final GateLab lab;
  private final Report report;
  private final Tenants tenants;
  private final Wrk wrk = new Wrk();

  private AdmissionsScaleBench(GateLab lab, Report report) throws IOException, SQLException {
    this.lab = lab;
    this.report = report;
    this.tenants = new Tenants(lab);
  }

  /** Takes no arguments that it heeds. */
  public static void main(String[] arguments)
      throws IOException, InterruptedException, SQLException {
    Report report =
        new Report(
            "scale",
            "%d connections, %,d workspaces ask in turn, %.0f s for each figure"
                .formatted(CONNECTIONS, ASKING, SECONDS));
    try (GateLab lab = GateLab.open()) {
      new AdmissionsScaleBench(lab, report).run();
    }
    report.finish();
  }

  private void run() throws IOException, InterruptedException, SQLException {
    int port = lab.startReplica().port();
    List<Cost> byWorkspaces = new ArrayList<>();
    List<Post> posts = List.of();
    for (int count = ASKING; count <= WORKSPACES_MAX; count *= 10) {
      tenants.fillUpTo(count);
      posts = runs(port);
      wrk.run(port, CONNECTIONS, count == ASKING ? WARM_UP_SECONDS : SECONDS / 3, posts)
          .allAdmitted();
      byWorkspaces.add(measure("%,d workspaces".formatted(count), posts));
    }
    judge("From %,d to %,d workspaces".formatted(ASKING, WORKSPACES_MAX), byWorkspaces);

    List<Cost> bySteps = new ArrayList<>(List.of(byWorkspaces.getLast()));
    long running = lab.number("SELECT count(*) FROM run WHERE status = 'running'");
    long filled = 0;
    for (long steps = STEPS_MAX / 10; steps <= STEPS_MAX; steps *= 10) {
      Report.say("filling up to %,d steps".formatted(steps));
      lab.execute(Resources.text("steps.sql").formatted((steps - filled) / running));
      filled = steps;
      bySteps.add(measure("%,d more steps of the day".formatted(steps), posts));
    }
    judge(
        "From 0 to %,d steps of the day, besides the benchmark's own".formatted(STEPS_MAX),
        bySteps);
    replicas(posts);
  }

  private List<Post> runs(int port) throws IOException, InterruptedException, SQLException {
    List<Post> posts = new ArrayList<>();
    for (Tenant tenant : tenants.pick(ASKING)) {
      posts.add(tenant.run(port, "ada"));
    }
    return posts;
  }

  private Cost measure(String what, List<Post> posts)
      throws IOException, InterruptedException, SQLException {
    lab.settleDown();
    wrk.run(lab.replicas().getFirst().port(), CONNECTIONS, 2, posts).allAdmitted();
    GateCpu before = lab.cpu();
    Wrk.Result result = together(posts, SECONDS);
    GateCpu used = lab.cpu().since(before);
    report.figure(
        what,
        "%s; CPU for each admission: api, PostgreSQL, load generator: %s"
            .formatted(result, used.each(result.count())));
    return new Cost(used.served() / result.count(), 1 / result.perSecond());
  }

  private void judge(String what, List<Cost> costs) {
    double cpu = ratio(costs.stream().mapToDouble(Cost::cpu).toArray());
    double time = ratio(costs.stream().mapToDouble(Cost::time).toArray());
    report.goal(
        what + ": dearest to cheapest admission",
        "%.2f× in CPU of api and PostgreSQL, %.2f× in time".formatted(cpu, time),
        "≤ %.2f×".formatted(GOAL_SPREAD),
        Math.max(cpu, time) <= GOAL_SPREAD);
  }

  private static double ratio(double... values) {
    Arrays.sort(values);
    return values[values.length - 1] / values[0];
  }

  private void replicas(List<Post> posts) throws IOException, InterruptedException, SQLException {
    for (int count = 1; count <= REPLICAS_MAX; count++) {
      if (count > 1) {
        lab.startReplica();
        // Each JVM compiles for itself, all on the same cores.
        together(posts, WARM_UP_SECONDS);
      }
      measure("%d replica(s) on this one machine".formatted(count), posts);
    }
  }

  /** Through all replicas at the same time, each with its part of the connections. */
  private Wrk.Result together(List<Post> posts, double seconds)
      throws IOException, InterruptedException {
    List<Wrk.Running> running = new ArrayList<>();
    for (GateLab.Replica replica : lab.replicas()) {
      running.add(wrk.start(replica.port(), CONNECTIONS / lab.replicas().size(), seconds, posts));
    }
    List<Wrk.Result> results = new ArrayList<>();
    for (Wrk.Running one : running) {
      results.add(one.result().allAdmitted());
    }
    return Wrk.Result.sum(results);
  }

  /** Seconds for each admission. */
  private record Cost(double cpu, double time) {}
}
