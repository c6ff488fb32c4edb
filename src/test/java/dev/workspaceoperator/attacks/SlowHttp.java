package dev.workspaceoperator.attacks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@code slowhttptest} in one of its modes, which probes meanwhile whether the service answers
 * others.
 */
final class SlowHttp implements Assault {
  private static final Path FINDER = Path.of("src/test/slowhttptest/find").toAbsolutePath();
  private static final int SECONDS = 120;
  private static final int CONNECTS_PER_SECOND = 2_000;

  /** ReadSet no credential, and is long. */
  private static final String DESCRIPTION = "/openapi.yaml";

  private final List<String> program;
  private final AttackLab lab;
  private final Mode mode;
  private final int connections;
  private final Path statistics;
  private @Nullable Process process;

  private SlowHttp(
      List<String> program, AttackLab lab, Mode mode, int connections, Path statistics) {
    this.program = program;
    this.lab = lab;
    this.mode = mode;
    this.connections = connections;
    this.statistics = statistics;
  }

  /** What is slow. */
  private enum Mode {
    HEADERS("slow-headers", "-H -i 1 -t GET", DESCRIPTION, "heads that never end"),
    BODY("slow-body", "-B -i 1 -s 8192 -t POST", Tenant.RUNS, "bodies that never end"),
    RANGE("slow-range", "-R -t HEAD", DESCRIPTION, "overlapping ranges"),
    READ(
        "slow-read",
        "-X -w 10 -y 20 -n 1 -z 5 -k 3",
        DESCRIPTION,
        "answers that are read a byte at a time");

    private final String attack;
    private final String flags;
    private final String path;
    private final String what;

    Mode(String attack, String flags, String path, String what) {
      this.attack = attack;
      this.flags = flags;
      this.path = path;
      this.what = what;
    }

    String sentence() {
      return "`slowhttptest %s`: %s".formatted(flags.substring(0, 2), what);
    }
  }

  /** One for each mode; none where there is no such program. */
  static List<Attack> all(Consumer<String> progress) throws IOException, InterruptedException {
    Optional<List<String>> program = find(progress);
    List<Attack> attacks = new ArrayList<>();
    if (program.isPresent()) {
      for (Mode mode : Mode.values()) {
        attacks.add(
            new Attack(
                mode.attack,
                mode.sentence(),
                (lab, sizes) ->
                    new SlowHttp(
                        program.get(),
                        lab,
                        mode,
                        sizes.silent(),
                        Files.createTempDirectory(lab.directory(), "slowhttptest-"))));
      }
    }
    return attacks;
  }

  private static Optional<List<String>> find(Consumer<String> progress)
      throws IOException, InterruptedException {
    Process finder =
        new ProcessBuilder(FINDER.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    List<String> lines =
        new String(finder.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    if (finder.waitFor() != 0) {
      progress.accept("slowhttptest is not tried");
      return Optional.empty();
    }
    return Optional.of(lines);
  }

  @Override
  public void begin() throws IOException {
    List<String> command = new ArrayList<>(program);
    command.addAll(List.of(mode.flags.split(" ", -1)));
    command.addAll(
        List.of(
            "-c",
            Integer.toString(connections),
            "-r",
            Integer.toString(CONNECTS_PER_SECOND),
            "-l",
            Integer.toString(SECONDS),
            "-p",
            "3",
            "-g",
            "-o",
            statistics.resolve("slow").toString(),
            "-u",
            "http://127.0.0.1:%d%s".formatted(lab.port(), mode.path)));
    process =
        new ProcessBuilder(Background.command(command))
            .redirectErrorStream(true)
            .redirectOutput(statistics.resolve("log").toFile())
            .start();
  }

  @Override
  public String end() throws IOException, InterruptedException {
    if (process != null) {
      // As Ctrl-C does: it writes what it has seen.
      new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
      process.waitFor();
    }
    List<String> seen = Files.readAllLines(statistics.resolve("slow.csv"));
    String last = seen.getLast();
    long away = seen.stream().skip(1).filter(line -> line.strip().endsWith(",0")).count();
    return "%d s watched, %s by its own probe; at the end %s"
        .formatted(
            seen.size() - 1,
            away == 0 ? "available throughout" : "away in %d of them".formatted(away),
            named(seen.getFirst(), last));
  }

  private static String named(String head, String line) {
    String[] names = head.split(",", -1);
    String[] values = line.split(",", -1);
    List<String> all = new ArrayList<>();
    for (int i = 1; i < Math.min(names.length, values.length); i++) {
      all.add(names[i].strip() + " " + values[i].strip());
    }
    return all.stream().collect(Collectors.joining(", "));
  }
}
