package dev.workspaceoperator.bench;

import java.io.IOException;
import java.util.List;

/**
 * CPU time in seconds.
 *
 * @param api of all replicas together
 * @param postgres of all its processes
 * @param generator of this process and of the programs that it ran
 */
record GateCpu(double api, double postgres, double generator) {
  static GateCpu now(List<OperatorProcess> replicas, long postmaster) throws IOException {
    return new GateCpu(
        replicas.stream().mapToDouble(OperatorProcess::cpu).sum(),
        CpuTimes.ofPostgres(postmaster),
        CpuTimes.ofProcess(ProcessHandle.current().pid()));
  }

  GateCpu since(GateCpu start) {
    return new GateCpu(api - start.api, postgres - start.postgres, generator - start.generator);
  }

  double total() {
    return api + postgres + generator;
  }

  /** What the program itself costs: all but the load generator. */
  double served() {
    return api + postgres;
  }

  String each(long count) {
    double micros = 1e6 / count;
    return "%.1f µs, %.1f µs, %.1f µs"
        .formatted(api * micros, postgres * micros, generator * micros);
  }
}
