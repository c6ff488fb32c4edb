package dev.workspaceoperator.bench;

import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** How long a restart takes where nothing has changed, and whether it writes anything. */
final class RestartBench {
  private final Lab lab;
  private final int workspaces;
  private final Report report;

  RestartBench(Lab lab, int workspaces, Report report) {
    this.lab = lab;
    this.workspaces = workspaces;
    this.report = report;
  }

  void run(String how, List<String> flags) throws IOException, InterruptedException, SQLException {
    Report.say("Restart " + how);
    Map<String, String> versionsBefore = lab.cluster().versions(Lab.MANAGED);
    Map<String, Long> rowsBefore = lab.rowsWritten();
    double seconds;
    double peak;
    try (OperatorProcess operator = lab.operator(flags, Lab.MANAGED)) {
      operator.await("", count -> count >= workspaces);
      seconds = operator.age();
      // Whatever would be written a little later counts as well.
      Thread.sleep(2_000);
      peak = operator.memory("VmHWM");
    }
    // PostgreSQL's statistics lag by up to a second.
    Thread.sleep(1_500);
    Map<String, String> versionsAfter = lab.cluster().versions(Lab.MANAGED);
    long resources =
        versionsAfter.entrySet().stream()
            .filter(each -> !each.getValue().equals(versionsBefore.get(each.getKey())))
            .count();
    Map<String, Long> rowsAfter = lab.rowsWritten();
    // Every leader raises its epoch, once; that is the fence, not a sync.
    long epoch = rowsAfter.getOrDefault("cluster", 0L) - rowsBefore.getOrDefault("cluster", 0L);
    long rows = sum(rowsAfter) - sum(rowsBefore) - epoch;
    report.goal(
        "Restart with %,d unchanged, until all were looked at, %s".formatted(workspaces, how),
        "%.1f s; %d resources and %d rows written (and %d epoch); peak RSS %.0f MiB"
            .formatted(seconds, resources, rows, epoch, peak),
        "≤ 10 s, no write",
        seconds <= 10 && resources == 0 && rows == 0);
  }

  private static long sum(Map<String, Long> rows) {
    return rows.values().stream().mapToLong(Long::longValue).sum();
  }
}
