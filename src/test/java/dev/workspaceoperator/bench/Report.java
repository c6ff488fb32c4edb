package dev.workspaceoperator.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;

/** The tables, on the terminal and in {@code docs/benchmarks.md}. */
public final class Report {
  private static final Path DOCUMENT = Path.of("docs", "benchmarks.md");
  private static final String CPU_HEAD =
      """

      | CPU time for each Workspace | API server | etcd | PostgreSQL | controller | bare client |
      |---|---|---|---|---|---|
      """;

  private final String begin;
  private final String end;
  private final String subject;
  private final StringBuilder results =
      new StringBuilder("| Measured | Result | Goal | |\n|---|---|---|---|\n");
  private final StringBuilder cpu = new StringBuilder();

  /**
   * An empty one.
   *
   * @param role whose place in the document it takes
   * @param subject what is measured
   */
  public Report(String role, String subject) {
    this.begin = "<!-- measured: %s: begin -->\n".formatted(role);
    this.end = "<!-- measured: %s: end -->\n".formatted(role);
    this.subject = subject;
  }

  /** A line of what goes on. */
  public static void say(String line) {
    System.out.printf(Locale.ROOT, "%tT %s%n", System.currentTimeMillis(), line);
  }

  /** A figure that is to be judged against a goal. */
  void goal(String what, String result, String goal, boolean reached) {
    String line =
        "| %s | %s | %s | %s |\n".formatted(what, result, goal, reached ? "reached" : "missed");
    results.append(line);
    say(line.strip());
  }

  /** A figure that explains others. */
  void figure(String what, String result) {
    String line = "| %s | %s | | |\n".formatted(what, result);
    results.append(line);
    say(line.strip());
  }

  /** Where the time went; milliseconds of CPU for each Workspace. */
  void cpu(String phase, CpuTimes used, int count) {
    String line =
        "| %s | %.1f ms | %.1f ms | %.1f ms | %.1f ms | %.1f ms |\n"
            .formatted(
                phase,
                used.apiServer() * 1_000 / count,
                used.etcd() * 1_000 / count,
                used.postgres() * 1_000 / count,
                used.controller() * 1_000 / count,
                used.client() * 1_000 / count);
    cpu.append(line);
    say(line.strip());
  }

  /** Prints everything and puts it into the document. */
  void finish() throws IOException {
    finish(results + (cpu.isEmpty() ? "" : CPU_HEAD + cpu));
  }

  /** Prints tables of another form, and puts them into the document. */
  public void finish(String tables) throws IOException {
    String report = machine() + "\n" + tables;
    System.out.println(report);
    String text = Files.readString(DOCUMENT);
    int from = text.indexOf(begin);
    int to = text.indexOf(end);
    if (from < 0 || to < from) {
      throw new IllegalStateException(DOCUMENT + " has no place for the figures");
    }
    Files.writeString(
        DOCUMENT, text.substring(0, from) + begin + "\n" + report + "\n" + text.substring(to));
  }

  private String machine() throws IOException {
    String memory =
        Files.readAllLines(Path.of("/proc/meminfo")).getFirst().replaceAll("[^0-9]", "");
    String load = Files.readString(Path.of("/proc/loadavg"));
    return """
    %s, %s. %d cores, %.0f GiB of memory, Linux %s, Java %s.
    Load average (1, 5, 15 minutes) at the end: %s.
    """
        .formatted(
            subject,
            LocalDate.now(ZoneOffset.UTC),
            Runtime.getRuntime().availableProcessors(),
            Long.parseLong(memory) / 1024.0 / 1024.0,
            System.getProperty("os.version"),
            Runtime.version(),
            String.join(", ", List.of(load.split(" ", -1)).subList(0, 3)));
  }
}
