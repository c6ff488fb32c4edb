package dev.workspaceoperator.bench;

import dev.workspaceoperator.bench.Tenants.Tenant;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The same HTTP layer with the same flags, and Redis instead of the gate and PostgreSQL. */
final class RedisBench {
  private static final double GOAL_OF_REDIS = 0.8;

  private final GateLab lab;
  private final Report report;
  private final Wrk wrk;
  private final int connections;
  private final double seconds;
  private final double warmUpSeconds;

  RedisBench(
      GateLab lab, Report report, Wrk wrk, int connections, double seconds, double warmUpSeconds) {
    this.lab = lab;
    this.report = report;
    this.wrk = wrk;
    this.connections = connections;
    this.seconds = seconds;
    this.warmUpSeconds = warmUpSeconds;
  }

  /**
   * Measures; no replica runs beside it.
   *
   * @param hot what the gate admitted a second of one workspace
   * @param spread the same of all in turn
   */
  void run(List<Tenant> tenants, double hot, double spread)
      throws IOException, InterruptedException, SQLException {
    Optional<RedisServer> started = RedisServer.start();
    if (started.isEmpty()) {
      report.figure(
          "Beside Redis",
          "skipped: there is no redis-server (Debian: apt-get install redis-server)");
      return;
    }
    try (RedisServer redis = started.get()) {
      int port = lab.startOnRedis(redis.port()).port();
      List<Post> each = new ArrayList<>();
      for (Tenant tenant : tenants) {
        each.add(tenant.run(port, "ada"));
      }
      wrk.run(port, connections, warmUpSeconds, each).allAdmitted();
      compare(redis, port, "one hot workspace", List.of(each.getFirst()), hot);
      compare(redis, port, "%,d workspaces in turn".formatted(each.size()), each, spread);
    }
  }

  private void compare(RedisServer redis, int port, String what, List<Post> posts, double gate)
      throws IOException, InterruptedException, SQLException {
    wrk.run(port, connections, 2, posts).allAdmitted();
    GateCpu before = lab.cpu();
    double redisBefore = redis.cpu();
    Wrk.Result result = wrk.run(port, connections, seconds, posts).allAdmitted();
    GateCpu used = lab.cpu().since(before);
    double micros = 1e6 / result.count();
    report.goal(
        "The same HTTP layer on Redis (`appendfsync always`, one script for each admission), "
            + what,
        "%s; the gate: %.2f×; CPU for each: api %.1f µs, Redis %.1f µs, load generator %.1f µs"
            .formatted(
                result,
                gate / result.perSecond(),
                used.api() * micros,
                (redis.cpu() - redisBefore) * micros,
                used.generator() * micros),
        "≥ %.1f×".formatted(GOAL_OF_REDIS),
        gate / result.perSecond() >= GOAL_OF_REDIS);
  }
}
