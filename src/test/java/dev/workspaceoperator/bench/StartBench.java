package dev.workspaceoperator.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** How long it takes from the start of the process until the first Workspace is Ready. */
final class StartBench {
  static final Path AOT_CACHE = Lab.DIRECTORY.resolve("controller.aot");

  private static final int STARTS = 5;

  private final Lab lab;
  private final Flags flags;
  private final Report report;

  StartBench(Lab lab, Flags flags, Report report) {
    this.lab = lab;
    this.flags = flags;
    this.report = report;
  }

  /** Leaves an AOT cache, and one Workspace that is Ready. */
  void run() throws IOException, InterruptedException {
    Report.say("Start");
    lab.cluster().create(Lab.FIRST, 1);
    try (OperatorProcess operator = lab.operator(flags.training(), Lab.FIRST)) {
      awaitReady(operator);
    }
    if (!Files.exists(AOT_CACHE)) {
      throw new IllegalStateException("the training run left no AOT cache");
    }
    Starts plain = new Starts();
    Starts aot = new Starts();
    for (int i = 0; i < STARTS; i++) {
      plain.measure(flags.plain(), 1_000 + i);
      aot.measure(flags.withAot(), 2_000 + i);
    }
    report.goal(
        "Process start to first Ready, median of " + STARTS,
        plain.toString(),
        "≤ 2.5 s",
        plain.median() <= 2.5);
    report.goal("The same with an AOT cache", aot.toString(), "≤ 1.0 s", aot.median() <= 1.0);
  }

  private double awaitReady(OperatorProcess operator) throws InterruptedException {
    while (!lab.cluster().isFirstReady(Lab.FIRST)) {
      if (operator.age() > 60) {
        throw new IllegalStateException("not Ready after 60 s; see controller.log");
      }
      Thread.sleep(10);
    }
    return operator.age();
  }

  /** Several starts with the same flags. */
  private final class Starts {
    private final List<Double> seconds = new ArrayList<>();
    private final List<Double> cpuSeconds = new ArrayList<>();

    void measure(List<String> jvmFlags, int budget) throws IOException, InterruptedException {
      lab.cluster().change(Lab.FIRST, 1, budget);
      try (OperatorProcess operator = lab.operator(jvmFlags, Lab.FIRST)) {
        seconds.add(awaitReady(operator));
        cpuSeconds.add(operator.cpu());
        Report.say(
            "first Ready after %.2f s, %.2f s of CPU"
                .formatted(seconds.getLast(), cpuSeconds.getLast()));
      }
    }

    double median() {
      return median(seconds);
    }

    private static double median(List<Double> values) {
      return values.stream().sorted().toList().get(values.size() / 2);
    }

    @Override
    public String toString() {
      return "%.2f s (%.2f to %.2f); %.2f s of CPU (%.2f to %.2f)"
          .formatted(
              median(seconds),
              Collections.min(seconds),
              Collections.max(seconds),
              median(cpuSeconds),
              Collections.min(cpuSeconds),
              Collections.max(cpuSeconds));
    }
  }
}
