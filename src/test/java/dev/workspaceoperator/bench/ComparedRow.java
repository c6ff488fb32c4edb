package dev.workspaceoperator.bench;

import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/** One kind of requests on both sides, as fast as it goes, and what was measured of it so far. */
final class ComparedRow {
  static final int CONNECTIONS = 128;

  /** A replica that has just started would be overloaded by all of them. */
  private static final int WARM_UP_CONNECTIONS = 16;

  private static final double MICROS_PER_SECOND = 1e6;

  private final String what;
  private final Requests requests;
  private final Sum baseline;
  private final Sum given;

  ComparedRow(String what, Requests requests, ComparedSide baseline, ComparedSide given) {
    this.what = what;
    this.requests = requests;
    this.baseline = new Sum(baseline);
    this.given = new Sum(given);
  }

  /** What is sent to a side. */
  @FunctionalInterface
  interface Requests {
    List<String> of(ComparedSide side) throws IOException, InterruptedException;
  }

  /** Measures both sides in turns, each of which goes first as often as the other. */
  void measure(int turns, double warmUpSeconds, double seconds)
      throws IOException, InterruptedException, SQLException {
    List<Turn> both =
        List.of(
            new Turn(baseline, baseline.requests(requests)),
            new Turn(given, given.requests(requests)));
    for (Turn turn : both) {
      HttpLoad.Result _ = turn.load(WARM_UP_CONNECTIONS, warmUpSeconds);
      turn.of.side.lab().settleDown();
    }
    for (int number = 0; number < turns; number++) {
      for (Turn turn : number % 2 == 0 ? both : both.reversed()) {
        turn.measure(seconds);
      }
    }
  }

  void tell(Report report, double goal) {
    double base = baseline.perSecond();
    double measured = given.perSecond();
    report.goal(
        what,
        "%,.0f/s; %s %,.0f/s: %.2f×"
            .formatted(measured, baseline.side.name(), base, measured / base),
        "≥ %.2f×".formatted(goal),
        measured / base >= goal);
    report.figure(
        "CPU for each of these: api, PostgreSQL",
        "%s; %s %s".formatted(given.cpu(), baseline.side.name(), baseline.cpu()));
  }

  private record Turn(Sum of, List<String> requests) {
    HttpLoad.Result load(int connections, double seconds) throws IOException {
      try (HttpLoad load = new HttpLoad(of.side.port(), connections, requests)) {
        return load.asFastAsItGoes(seconds);
      }
    }

    void measure(double seconds) throws IOException, SQLException {
      GateCpu before = of.side.lab().cpu();
      HttpLoad.Result result = load(CONNECTIONS, seconds);
      of.add(result, of.side.lab().cpu().since(before));
    }
  }

  /** The turns of one side. */
  private static final class Sum {
    private final ComparedSide side;

    /** Those of the first round: what they are about outlives a replica. */
    private List<String> requests = List.of();

    private double perSecond;
    private int turns;
    private long count;
    private double api;
    private double postgres;

    Sum(ComparedSide side) {
      this.side = side;
    }

    List<String> requests(Requests kind) throws IOException, InterruptedException {
      if (requests.isEmpty()) {
        requests = kind.of(side);
      }
      return requests;
    }

    void add(HttpLoad.Result result, GateCpu used) {
      perSecond += result.perSecond();
      turns++;
      count += result.count();
      api += used.api();
      postgres += used.postgres();
    }

    double perSecond() {
      return perSecond / turns;
    }

    /** As much of it as is used on this machine. */
    String cpu() {
      return "%.1f µs, %.1f µs"
          .formatted(api * MICROS_PER_SECOND / count, postgres * MICROS_PER_SECOND / count);
    }
  }
}
