package dev.workspaceoperator.bench;

import dev.workspaceoperator.bench.Tenants.Tenant;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code ./mvnw -Pbench -Dbench=AdmissionsBench}: how fast, how soon and at what cost the packaged
 * role {@code api} admits steps, durably, with PostgreSQL and the load generator on the same
 * machine. In the same run: the plain way to do it in PostgreSQL, and the same HTTP layer on Redis.
 *
 * <p>With {@code -Ddatabase.url=postgresql://…} only the steps, on that database beside the
 * embedded one; with {@code -Dbench.jar=…} only the steps, of this build beside that one.
 */
public final class AdmissionsBench {
  private static final int CONNECTIONS = 256;
  private static final int WORKSPACES = 1_000;
  private static final double SECONDS = Integer.getInteger("bench.seconds", 15);

  /** Until the JIT compilers have nothing more to do; they would take a quarter of two cores. */
  private static final double WARM_UP_SECONDS = Integer.getInteger("bench.warm", 90);

  private static final double GOAL_PER_SECOND = 30_000;
  private static final double GOAL_OF_PLAIN = 12;
  private static final double GOAL_PER_FLUSH = 64;
  private static final double GOAL_RSS_MIB = 256;

  private final GateLab lab;
  private final Report report;
  private final Wrk wrk = new Wrk();

  private AdmissionsBench(GateLab lab, Report report) throws IOException {
    this.lab = lab;
    this.report = report;
  }

  /** Takes no arguments that it heeds. */
  public static void main(String[] arguments)
      throws IOException, InterruptedException, SQLException {
    Optional<SideBySide> compared = SideBySide.open("admissions compared");
    if (compared.isPresent()) {
      try (SideBySide comparison = compared.get()) {
        comparison.admissions();
      }
      return;
    }
    Report report =
        new Report(
            "admissions",
            "%d connections, %,d workspaces, %.0f s for each figure"
                .formatted(CONNECTIONS, WORKSPACES, SECONDS));
    try (GateLab lab = GateLab.open()) {
      new AdmissionsBench(lab, report).run();
    }
    report.finish();
  }

  private void run() throws IOException, InterruptedException, SQLException {
    Tenants tenants = new Tenants(lab);
    tenants.fillUpTo(WORKSPACES);
    List<Tenant> all = tenants.pick(WORKSPACES);
    Pgbench plain = new Pgbench(lab);
    GateLab.Replica replica = lab.startReplica();
    int port = replica.port();
    List<Post> each = new ArrayList<>();
    for (Tenant tenant : all) {
      each.add(tenant.run(port, "ada"));
    }
    List<Post> hot = List.of(each.getFirst());
    List<Post> manyRuns = new ArrayList<>();
    for (int user = 0; user < 100; user++) {
      manyRuns.add(all.getFirst().run(port, "user-" + user));
    }

    wrk.run(port, CONNECTIONS, WARM_UP_SECONDS, hot).allAdmitted();
    Throughput one = measure(port, hot);
    report.goal(
        "Steps of one hot workspace, as fast as it goes",
        one.wrk().toString(),
        "≥ %,.0f/s".formatted(GOAL_PER_SECOND),
        one.perSecond() >= GOAL_PER_SECOND);
    report.goal(
        "The same: admissions for each WAL flush",
        "%.1f".formatted(one.perFlush()),
        "≥ %.0f".formatted(GOAL_PER_FLUSH),
        one.perFlush() >= GOAL_PER_FLUSH);
    cpu("one hot workspace", one);
    Throughput users = measure(port, manyRuns);
    report.figure("The same with 100 runs of 100 users", users.wrk().toString());
    cpu("the same with 100 runs", users);
    double plainHot = plain.perSecond("plainHot.sql", SECONDS);
    report.goal(
        "One hot row, a transaction for each (`pgbench -M prepared -c 16`)",
        "%,.0f/s; the gate: %.1f×".formatted(plainHot, one.perSecond() / plainHot),
        "≥ %.0f×".formatted(GOAL_OF_PLAIN),
        one.perSecond() / plainHot >= GOAL_OF_PLAIN);

    wrk.run(port, CONNECTIONS, WARM_UP_SECONDS / 3, each).allAdmitted();
    Throughput spread = measure(port, each);
    report.goal(
        "Steps of %,d workspaces in turn".formatted(WORKSPACES),
        "%s; %.2f× of the hot one; %.1f for each WAL flush"
            .formatted(spread.wrk(), spread.perSecond() / one.perSecond(), spread.perFlush()),
        "≥ 1×",
        spread.perSecond() >= one.perSecond());
    cpu("%,d workspaces".formatted(WORKSPACES), spread);
    double plainSpread = plain.perSecond("plainSpread.sql", SECONDS);
    report.figure(
        "%,d rows, a transaction for each (pgbench as above)".formatted(WORKSPACES),
        "%,.0f/s; the gate: %.1f×".formatted(plainSpread, spread.perSecond() / plainSpread));

    new LatencyBench(lab, report, wrk, CONNECTIONS, SECONDS)
        .run(all, hot.getFirst(), one.perSecond());

    double rss = replica.process().memory("VmHWM");
    report.goal(
        "RSS of the role api, `%s`".formatted(GateLab.FLAGS.heap()),
        "%.0f MiB at its peak".formatted(rss),
        "≤ %.0f MiB".formatted(GOAL_RSS_MIB),
        rss <= GOAL_RSS_MIB);
    lab.stopReplicas();
    new RedisBench(lab, report, wrk, CONNECTIONS, SECONDS, WARM_UP_SECONDS)
        .run(all, one.perSecond(), spread.perSecond());
  }

  private void cpu(String what, Throughput measured) {
    report.figure(
        "CPU for each admission, %s: api, PostgreSQL, load generator".formatted(what),
        "%s: two cores have room for %,.0f/s"
            .formatted(
                measured.cpu().each(measured.wrk().count()),
                2 * measured.wrk().count() / measured.cpu().total()));
  }

  private Throughput measure(int port, List<Post> posts)
      throws IOException, InterruptedException, SQLException {
    lab.settleDown();
    long flushes = lab.walFlushes();
    long reserved = reserved();
    GateCpu before = lab.cpu();
    Wrk.Result result = wrk.run(port, CONNECTIONS, SECONDS, posts).allAdmitted();
    GateCpu used = lab.cpu().since(before);
    long admitted = reserved() - reserved;
    // What was under way when wrk ended was not answered any more, and may be admitted all the
    // same.
    if (admitted < result.count() || admitted > result.count() + CONNECTIONS) {
      throw new IllegalStateException(
          "%,d answers, and %,d admissions in the books".formatted(result.count(), admitted));
    }
    return new Throughput(result, used, lab.walFlushes() - flushes);
  }

  /** Each step of the benchmark reserves one micro-USD. */
  private long reserved() throws SQLException {
    return lab.number("SELECT COALESCE(sum(reserved_micro_usd), 0)::bigint FROM workspace_day");
  }

  /** What was measured, at its whole. */
  private record Throughput(Wrk.Result wrk, GateCpu cpu, long flushes) {
    double perSecond() {
      return wrk.perSecond();
    }

    double perFlush() {
      return (double) wrk.count() / flushes;
    }
  }
}
