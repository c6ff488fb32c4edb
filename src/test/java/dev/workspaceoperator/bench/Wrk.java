package dev.workspaceoperator.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The load generator wrk (Debian: {@code apt-get install wrk}): closed loop, one thread, so that it
 * takes as little of the machine as it can.
 */
final class Wrk {
  private final String program;

  Wrk() throws IOException {
    program =
        OtherProgram.find("wrk")
            .orElseThrow(() ->
                new IllegalStateException(
                    "The load generator wrk is not there: apt-get install wrk"))
            .toString();
  }

  /** Sends for so long, and waits. */
  Result run(int port, int connections, double seconds, List<Post> posts)
      throws IOException, InterruptedException {
    return start(port, connections, seconds, posts).result();
  }

  /** Begins to send. */
  Running start(int port, int connections, double seconds, List<Post> posts) throws IOException {
    Path list = Files.createTempFile(Lab.DIRECTORY, "posts", ".txt");
    Files.write(list, posts.stream().map(Post::line).toList());
    return new Running(
        OtherProgram.start(
            List.of(
                program,
                "--threads=1",
                "--connections=" + connections,
                "--duration=" + Math.round(seconds) + "s",
                "--timeout=10s",
                "--script=" + Resources.file("post.lua"),
                "http://127.0.0.1:" + port,
                "--",
                list.toString())));
  }

  /** One that is sending. */
  static final class Running {
    private final OtherProgram program;

    private Running(OtherProgram program) {
      this.program = program;
    }

    /** What it measured; waits for its end. */
    Result result() throws IOException, InterruptedException {
      String said = program.output();
      String[] figures =
          said.lines()
              .filter(line -> line.startsWith("result "))
              .findFirst()
              .orElseThrow(() -> new IllegalStateException("wrk measured nothing: " + said))
              .split(" ", -1);
      return new Result(
          Long.parseLong(figures[1]),
          Long.parseLong(figures[2]) / 1e6,
          Long.parseLong(figures[3]),
          Long.parseLong(figures[4]),
          Long.parseLong(figures[5]) / 1e3,
          Long.parseLong(figures[6]) / 1e3);
    }
  }

  /**
   * What it measured.
   *
   * @param count answers
   * @param refused those with a status of 400 and above
   * @param broken connections that failed or timed out
   */
  record Result(
      long count,
      double seconds,
      long refused,
      long broken,
      double medianMillis,
      double p99Millis) {
    /** Answers that were no refusals. */
    double perSecond() {
      return (count - refused) / seconds;
    }

    /** Of several at the same time; of the percentiles the worst. */
    static Result sum(List<Result> results) {
      return new Result(
          results.stream().mapToLong(Result::count).sum(),
          results.stream().mapToDouble(Result::seconds).max().orElseThrow(),
          results.stream().mapToLong(Result::refused).sum(),
          results.stream().mapToLong(Result::broken).sum(),
          results.stream().mapToDouble(Result::medianMillis).max().orElseThrow(),
          results.stream().mapToDouble(Result::p99Millis).max().orElseThrow());
    }

    @Override
    public String toString() {
      return "%,.0f/s; median %.1f ms, p99 %.1f ms".formatted(perSecond(), medianMillis, p99Millis);
    }

    /** The same, where a refusal would be a mistake of the benchmark. */
    Result allAdmitted() {
      if (refused > 0 || broken > 0 || count == 0) {
        throw new IllegalStateException(
            "not all was admitted: %d answers, %d refusals, %d broken connections"
                .formatted(count, refused, broken));
      }
      return this;
    }
  }
}
