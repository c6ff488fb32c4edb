package dev.workspaceoperator.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.LongStream;

/** What was measured at one distance, over all turns. */
final class DistanceFigures {
  /** For the rows that are about one number of connections. */
  static final int USUAL = 256;

  private final int millis;
  private final Map<Integer, Load> spread = new TreeMap<>();
  private final Load hot = new Load();
  private final List<HttpLoad.Result> calm = new ArrayList<>();
  private double look;
  private long[] kills = {};

  /** None so far, with PostgreSQL so many milliseconds there and back. */
  DistanceFigures(int millis) {
    this.millis = millis;
  }

  int millis() {
    return millis;
  }

  /** A statement that does nothing took so many milliseconds. */
  void looked(double took) {
    look = took;
  }

  /** Steps of many workspaces. */
  void spread(int connections, HttpLoad.Result result, BatchCount batches) {
    spread.computeIfAbsent(connections, _ -> new Load()).add(result, batches);
  }

  /** Steps of one workspace. */
  void hot(HttpLoad.Result result, BatchCount batches) {
    hot.add(result, batches);
  }

  /** Steps of many workspaces, a few a second. */
  void calm(HttpLoad.Result result) {
    calm.add(result);
  }

  /** Nanoseconds of kill switches. */
  void kills(long... nanos) {
    kills = LongStream.concat(Arrays.stream(kills), Arrays.stream(nanos)).sorted().toArray();
  }

  Map<Integer, Load> spread() {
    return spread;
  }

  /** What a reader of the page gets of all distances, of which the first is none. */
  static String tables(List<DistanceFigures> all) {
    DistanceFigures near = all.getFirst();
    StringBuilder text =
        new StringBuilder(
            """
            | round trip (`SELECT 1`) | admissions/s, %d connections | to 0 ms | median, p99 | operations in a batch | a batch lasts | one hot workspace | 200/s: median, p99 | kill switch: median, worst |
            |---|---|---|---|---|---|---|---|---|
            """
                .formatted(USUAL));
    for (DistanceFigures at : all) {
      text.append("| %d ms (%.2f ms)%s".formatted(at.millis, at.look, at.row(near)));
    }
    text.append("\n| admissions/s (operations in a batch) |");
    all.forEach(at -> text.append(" %d ms |".formatted(at.millis)));
    text.append("\n|---|").append("---|".repeat(all.size())).append('\n');
    for (int connections : near.spread.keySet()) {
      text.append("| %,d connections |".formatted(connections));
      for (DistanceFigures at : all) {
        Load load = at.load(connections);
        text.append(" %,.0f (%.0f) |".formatted(load.perSecond(), load.batches.size()));
      }
      text.append('\n');
    }
    return text.toString();
  }

  /** The rest of a line of a table. */
  private String row(DistanceFigures first) {
    Load load = load(USUAL);
    HttpLoad.Result together = HttpLoad.Result.together(calm);
    return " | %,.0f | %.2f× | %.1f ms, %.1f ms | %.0f | %.1f ms%s | %,.0f/s, %.0f in a batch | %.1f ms, %.1f ms | %.1f ms, %.1f ms of %d |\n"
        .formatted(
            load.perSecond(),
            load.perSecond() / first.load(USUAL).perSecond(),
            load.latency(0.5),
            load.latency(0.99),
            load.batches.size(),
            load.batches.millis(),
            roundTrips(first),
            hot.perSecond(),
            hot.batches.size(),
            together.millis(0.5),
            together.millis(0.99),
            kills[kills.length / 2] / 1e6,
            kills[kills.length - 1] / 1e6,
            kills.length);
  }

  /** The same of standbys that each COMMIT waits for, the first of which is none. */
  static String standbys(List<DistanceFigures> all) {
    DistanceFigures none = all.getFirst();
    StringBuilder text =
        new StringBuilder(
            """
            | synchronous standby | admissions/s, %d connections | to none | median, p99 | operations in a batch | a batch lasts | one hot workspace | 200/s: median, p99 | kill switch: median, worst |
            |---|---|---|---|---|---|---|---|---|
            """
                .formatted(USUAL));
    for (DistanceFigures at : all) {
      String where = at.millis < 0 ? "none" : "%d ms away".formatted(at.millis);
      text.append("| %s%s".formatted(where, at.row(none)));
    }
    return text.toString();
  }

  /** How many round trips longer a batch lasts than near by. */
  private String roundTrips(DistanceFigures near) {
    double more = load(USUAL).batches.millis() - near.load(USUAL).batches.millis();
    return look <= near.look ? "" : ", %.1f round trips more".formatted(more / (look - near.look));
  }

  /** Steps of many workspaces, over so many connections. */
  Load load(int connections) {
    return Objects.requireNonNull(spread.get(connections));
  }

  @Override
  public String toString() {
    return "%d ms%s".formatted(millis, row(this)).strip();
  }

  /** Requests as fast as they are answered. */
  static final class Load {
    private final List<HttpLoad.Result> results = new ArrayList<>();
    private BatchCount batches = BatchCount.NONE;

    private void add(HttpLoad.Result result, BatchCount more) {
      results.add(result);
      batches = batches.plus(more);
    }

    double perSecond() {
      return HttpLoad.Result.together(results).perSecond();
    }

    private double latency(double quantile) {
      return HttpLoad.Result.together(results).millis(quantile);
    }
  }
}
