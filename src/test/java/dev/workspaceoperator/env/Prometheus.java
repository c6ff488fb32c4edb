package dev.workspaceoperator.env;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A real Prometheus on this machine. Never outlives this JVM. */
public final class Prometheus implements AutoCloseable {
  private static final Path FINDER = Path.of("src/test/prometheus/find").toAbsolutePath();
  private static final Duration FOUND_WITHIN = Duration.ofMinutes(4);
  private static final Duration START_BOUND = Duration.ofSeconds(30);
  private static final Duration STOP_GRACE = Duration.ofSeconds(5);
  private static final Duration CHECKED_WITHIN = Duration.ofMinutes(1);
  private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(10);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final EmbeddedProcess process;
  private final int port;
  private final HttpClient client =
      HttpClient.newBuilder().proxy(HttpClient.Builder.NO_PROXY).build();

  private Prometheus(EmbeddedProcess process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * The directory with its programs; empty if there are none and none can be had.
   *
   * @param progress told why there are none
   */
  public static Optional<Path> find(Consumer<String> progress) throws InterruptedException {
    CommandResult found = CommandResult.of(new ProcessBuilder(FINDER.toString()), "", FOUND_WITHIN);
    if (found.exitCode() != 0) {
      progress.accept(found.stderr().strip());
      return Optional.empty();
    }
    return Optional.of(Path.of(found.stdout().strip()));
  }

  /**
   * Runs promtool.
   *
   * @param programs where it is
   * @param directory in which it runs
   */
  public static CommandResult promtool(Path programs, Path directory, String... arguments)
      throws InterruptedException {
    List<String> command = new ArrayList<>(List.of(programs.resolve("promtool").toString()));
    command.addAll(List.of(arguments));
    return CommandResult.of(
        new ProcessBuilder(command).directory(directory.toFile()), "", CHECKED_WITHIN);
  }

  /**
   * Starts it, and returns once it answers.
   *
   * @param programs where they are
   * @param directory for its files
   * @param configuration in YAML
   */
  public static Prometheus start(
      Path programs, Path directory, String configuration, Consumer<String> progress)
      throws InterruptedException {
    PrivateFiles.createDirectory(directory);
    Path file = directory.resolve("prometheus.yml");
    PrivateFiles.write(file, configuration);
    int port = FreePort.find();
    Prometheus started =
        new Prometheus(
            EmbeddedProcess.start(
                "prometheus",
                List.of(
                    programs.resolve("prometheus").toString(),
                    "--config.file=" + file,
                    "--storage.tsdb.path=" + directory.resolve("data"),
                    "--web.listen-address=127.0.0.1:" + port,
                    "--log.level=warn"),
                directory,
                progress),
            port);
    try {
      Readiness.await("prometheus", started.process, START_BOUND, started::isReady);
    } catch (KubeUnavailableException e) {
      started.close();
      throw e;
    }
    return started;
  }

  /** What a query gives now; {@code data.result} of its answer. */
  public JsonNode query(String query) {
    return ask("/api/v1/query?query=" + encoded(query)).path("data").path("result");
  }

  /** The alerts that it has, pending and firing. */
  public JsonNode alerts() {
    return ask("/api/v1/alerts").path("data").path("alerts");
  }

  /** What it says of what it scrapes. */
  public JsonNode targets() {
    return ask("/api/v1/targets").path("data").path("activeTargets");
  }

  /** What it said last. */
  public String logTail() {
    return process.logTail();
  }

  @Override
  public void close() {
    try {
      process.stop(STOP_GRACE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    client.close();
  }

  private boolean isReady() throws IOException {
    return send("/-/ready").statusCode() == 200;
  }

  private JsonNode ask(String path) {
    try {
      HttpResponse<String> answer = send(path);
      if (answer.statusCode() != 200) {
        throw new IllegalStateException(path + ": " + answer.body());
      }
      return JSON.readTree(answer.body());
    } catch (IOException e) {
      throw new IllegalStateException(path, e);
    }
  }

  private HttpResponse<String> send(String path) throws IOException {
    try {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
              .timeout(ANSWERED_WITHIN)
              .build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
