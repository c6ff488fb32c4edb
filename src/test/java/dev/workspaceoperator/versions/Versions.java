package dev.workspaceoperator.versions;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * {@code ./mvnw -Pversions [-Dversions=15,16,17,18,distribution] [-Dkubernetes=oldest,newest]}: the
 * tests of PostgreSQL and of Kubernetes on each version that is promised, two versions at a time.
 * With neither all of both, with one of them only that. Ends with a table, whose good rows go into
 * docs/install.md, and with 1 if a test failed.
 */
public final class Versions {
  private static final int AT_A_TIME = 2;

  private Versions() {}

  /**
   * Takes {@code postgresql=} and {@code kubernetes=}, each a list with commas, empty for all;
   * {@code jar=}, the packaged program; and {@code directory=}, which has the PostgreSQLs in {@code
   * binaries} and gets the logs.
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    List<String> postgres = list(value(arguments[0], "postgresql"));
    List<String> kubernetes = list(value(arguments[1], "kubernetes"));
    Path jar = Path.of(value(arguments[2], "jar")).toAbsolutePath();
    Path directory = Path.of(value(arguments[3], "directory")).toAbsolutePath();
    boolean all = postgres.isEmpty() && kubernetes.isEmpty();
    List<Trial> trials = new ArrayList<>();
    if (all || !postgres.isEmpty()) {
      trials.addAll(PostgresVersions.in(directory.resolve("binaries")).trials(postgres));
    }
    if (all || !kubernetes.isEmpty()) {
      trials.addAll(KubernetesVersions.pinned().trials(kubernetes));
    }
    List<Row> rows = run(trials, jar, directory);
    System.out.print(table(rows));
    TriedTable.put(rows.stream().filter(row -> row.outcome().good()).map(Row::line).toList());
    System.exit(rows.stream().allMatch(row -> row.outcome().good()) ? 0 : 1);
  }

  private static List<Row> run(List<Trial> trials, Path jar, Path directory)
      throws InterruptedException {
    List<Callable<Row>> tasks =
        trials.stream().map(trial -> (Callable<Row>) () -> row(trial, jar, directory)).toList();
    try (ExecutorService turns = Executors.newFixedThreadPool(AT_A_TIME)) {
      List<Row> rows = new ArrayList<>();
      for (Future<Row> row : turns.invokeAll(tasks)) {
        rows.add(row.get());
      }
      return rows;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private static Row row(Trial trial, Path jar, Path directory) throws InterruptedException {
    System.out.printf("%s: log in %s%n", trial.title(), trial.log(directory));
    long start = System.nanoTime();
    try {
      SuiteOutcome outcome = trial.run(jar, directory);
      long seconds = Duration.ofNanos(System.nanoTime() - start).toSeconds();
      System.out.printf(
          "%s: %s after %d s%n", trial.title(), outcome.good() ? "good" : "FAILED", seconds);
      return new Row(trial, outcome, seconds);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String table(List<Row> rows) {
    StringBuilder table = new StringBuilder("\n" + TriedTable.HEAD);
    rows.forEach(row -> table.append(row.line()));
    for (Row row : rows) {
      row.outcome()
          .failed()
          .forEach(test -> table.append("\n%s: FAILED: %s".formatted(row.trial().title(), test)));
    }
    return table.append('\n').toString();
  }

  private record Row(Trial trial, SuiteOutcome outcome, long seconds) {
    String line() {
      return TriedTable.row(trial, outcome, LocalDate.now(ZoneOffset.UTC), seconds);
    }
  }

  private static List<String> list(String value) {
    return value.isBlank() ? List.of() : List.of(value.split(" *, *", -1));
  }

  private static String value(String argument, String name) {
    String prefix = name + "=";
    if (!argument.startsWith(prefix)) {
      throw new IllegalArgumentException(prefix + "… is expected, not " + argument);
    }
    return argument.substring(prefix.length());
  }
}
