package dev.workspaceoperator.bench;

import java.io.IOException;
import java.sql.SQLException;

/**
 * {@code ./mvnw -Pbench [-Dworkspaces=10000]}: measures the packaged controller, prints tables and
 * puts them into {@code docs/benchmarks.md}.
 *
 * <p>Load generator, API server, etcd, PostgreSQL and controller share the machine, so only ratios
 * within one run mean something elsewhere.
 */
public final class Bench {
  private Bench() {}

  /** Takes the number of Workspaces. */
  public static void main(String[] arguments)
      throws IOException, InterruptedException, SQLException {
    int workspaces = Integer.parseInt(arguments[0]);
    Report report = new Report("controller", "%,d Workspaces".formatted(workspaces));
    Flags flags = new Flags("controller", StartBench.AOT_CACHE);
    try (Lab lab = Lab.open()) {
      new StartBench(lab, flags, report).run();
      new SyncBench(lab, flags, workspaces, report, lab.cluster().status(Lab.FIRST)).run();
      RestartBench restart = new RestartBench(lab, workspaces, report);
      restart.run("without AOT cache", flags.plain());
      restart.run("with AOT cache", flags.withAot());
    }
    report.finish();
  }
}
