package dev.workspaceoperator.bench;

import dev.workspaceoperator.crd.WorkspaceStatus;
import java.io.IOException;
import java.util.OptionalLong;

/**
 * How fast Workspaces are synced. The backlogs, which wait while no controller runs, show the
 * controller alone; what is created and changed while it runs shares the API server with those who
 * create and change.
 */
final class SyncBench {
  private static final int BARE_MOST = 1_000;
  private static final double GOAL = 0.6;

  private final Lab lab;
  private final Flags flags;
  private final int workspaces;
  private final Report report;
  private final WorkspaceStatus template;
  private final int bareCount;
  private long bareRuns;
  private double bareRate;

  /**
   * A bench.
   *
   * @param template a status such as the controller writes
   */
  SyncBench(Lab lab, Flags flags, int workspaces, Report report, WorkspaceStatus template) {
    this.lab = lab;
    this.flags = flags;
    this.workspaces = workspaces;
    this.report = report;
    this.template = template;
    this.bareCount = Math.min(workspaces, BARE_MOST);
  }

  /** Leaves all Workspaces in force. */
  void run() throws IOException, InterruptedException {
    lab.cluster().create(Lab.BARE, bareCount);
    bare();
    measureBare();
    lab.cluster().create(Lab.MANAGED, workspaces);
    try (OperatorProcess operator = lab.operator(flags.plain(), Lab.MANAGED)) {
      backlog("Created while no controller ran", operator);
      changedLive(operator);
    }
    lab.cluster().change(Lab.MANAGED, workspaces, 102);
    measureBare();
    try (OperatorProcess operator = lab.operator(flags.plain(), Lab.MANAGED)) {
      backlog("Changed while no controller ran", operator);
    }
    try (OperatorProcess operator = lab.operator(flags.plain(), Lab.LIVE)) {
      createdLive(operator);
    }
  }

  /** Status patches a second by a client that does nothing else. */
  private double bare() throws InterruptedException {
    return bareCount / lab.cluster().patchStatus(Lab.BARE, bareCount, template, ++bareRuns);
  }

  /** The rate to compare with what follows. */
  private void measureBare() throws IOException, InterruptedException {
    CpuTimes start = lab.cpu(OptionalLong.empty());
    bareRate = bare();
    report.cpu("Bare client", lab.cpu(OptionalLong.empty()).since(start), bareCount);
  }

  /** The mean of the rate before and one now, which is the one before whatever is next. */
  private double bareAround() throws IOException, InterruptedException {
    double before = bareRate;
    measureBare();
    return (before + bareRate) / 2;
  }

  private void backlog(String what, OperatorProcess operator)
      throws IOException, InterruptedException {
    Report.say(what);
    operator.await("synced", count -> count > 0);
    double already = operator.reconciles("synced");
    CpuTimes start = lab.cpu(OptionalLong.of(operator.pid()));
    long startedAtNanos = System.nanoTime();
    operator.await("synced", count -> count >= workspaces);
    double done = workspaces - already;
    double rate = done / ((System.nanoTime() - startedAtNanos) / 1e9);
    CpuTimes used = lab.cpu(OptionalLong.of(operator.pid())).since(start);
    requireReady(Lab.MANAGED);
    report.cpu(what, used, (int) done);
    ratio(what + ", until all are Ready (1 write each)", rate, 1);
  }

  private void changedLive(OperatorProcess operator) throws IOException, InterruptedException {
    String what = "Changed by 16 users while the controller runs";
    Report.say(what);
    double reconcilesBefore = operator.reconciles("");
    double syncedBefore = operator.reconciles("synced");
    CpuTimes start = lab.cpu(OptionalLong.of(operator.pid()));
    long startedAtNanos = System.nanoTime();
    lab.cluster().change(Lab.MANAGED, workspaces, 101);
    operator.await("synced", count -> count >= syncedBefore + workspaces);
    double rate = workspaces / ((System.nanoTime() - startedAtNanos) / 1e9);
    CpuTimes used = lab.cpu(OptionalLong.of(operator.pid())).since(start);
    double reconciles = operator.reconciles("") - reconcilesBefore;
    requireReady(Lab.MANAGED);
    report.cpu(what, used, workspaces);
    double rss = operator.memory("VmRSS");
    double peak = operator.memory("VmHWM");
    ratio(what + ", until all are observed (2 writes each)", rate, 2);
    double cpuMillis = used.controller() * 1_000 / reconciles;
    report.goal(
        "Controller CPU per reconciliation, warm (the run above)",
        "%.2f ms; %.2f reconciliations per change; %.2f ms per change"
            .formatted(cpuMillis, reconciles / workspaces, used.controller() * 1_000 / workspaces),
        "≤ 2 ms",
        cpuMillis <= 2);
    report.goal(
        "Controller RSS with %,d Workspaces, `%s`".formatted(workspaces, flags.heap()),
        "%.0f MiB, peak %.0f MiB".formatted(rss, peak),
        "≤ 200 MiB",
        peak <= 200);
  }

  private void createdLive(OperatorProcess operator) throws IOException, InterruptedException {
    int count = Math.max(1, workspaces / 10);
    String what = "%,d created by 16 users while the controller runs".formatted(count);
    Report.say(what);
    operator.awaitLeading();
    long startedAtNanos = System.nanoTime();
    lab.cluster().create(Lab.LIVE, count);
    operator.await("synced", synced -> synced >= count);
    double rate = count / ((System.nanoTime() - startedAtNanos) / 1e9);
    requireReady(Lab.LIVE);
    ratio(what + ", until all are Ready (2 writes each)", rate, 2);
  }

  private void ratio(String what, double rate, int writesEach)
      throws IOException, InterruptedException {
    double bare = bareAround();
    String result = "%.0f/s = %.2f× of the bare client's %.0f/s".formatted(rate, rate / bare, bare);
    if (writesEach == 1) {
      report.goal(what, result, "≥ 0.6×", rate / bare >= GOAL);
    } else {
      report.figure(
          what, "%s; %.2f× counting every write".formatted(result, rate * writesEach / bare));
    }
  }

  private void requireReady(String namespace) throws InterruptedException {
    for (int tries = 0; lab.cluster().unready(namespace) > 0; tries++) {
      if (tries > 30) {
        throw new IllegalStateException("some Workspaces are not Ready");
      }
      Thread.sleep(1_000);
    }
  }
}
