package dev.workspaceoperator.storm;

import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.app.RoleProcess;
import dev.workspaceoperator.env.FreePort;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Replicas of the role {@code api}, each a process of its own that is started again when killed.
 */
final class Replicas implements AutoCloseable {
  private static final Duration STARTED_WITHIN = Duration.ofSeconds(90);
  private static final Duration LOOK_EVERY = Duration.ofMillis(20);

  private final IntFunction<List<String>> databaseOptions;
  private final Path directory;
  private final int[] ports;
  private final List<RoleProcess> processes = new ArrayList<>();

  /** The program of an earlier release, until the first upgrade. */
  private Optional<Path> earlier = Optional.empty();

  private int starts;

  private Replicas(IntFunction<List<String>> databaseOptions, Path directory, int count) {
    this.databaseOptions = databaseOptions;
    this.directory = directory;
    this.ports = IntStream.range(0, count).map(_ -> FreePort.find()).toArray();
  }

  /**
   * Starts them, and waits until they serve.
   *
   * @param databaseOptions of a replica by its number, from 0
   */
  static Replicas start(IntFunction<List<String>> databaseOptions, Path directory, int count) {
    return new Replicas(databaseOptions, directory, count).startAll();
  }

  /** The same of an earlier release. */
  static Replicas startEarlier(
      Path jar, IntFunction<List<String>> databaseOptions, Path directory, int count) {
    Replicas replicas = new Replicas(databaseOptions, directory, count);
    replicas.earlier = Optional.of(jar);
    return replicas.startAll();
  }

  private Replicas startAll() {
    for (int number = 0; number < ports.length; number++) {
      processes.add(process(number));
    }
    awaitServing(ports.length);
    return this;
  }

  int[] ports() {
    return ports.clone();
  }

  /** Kills the first that serves, from this one on, while others do, and starts its successor. */
  void kill(int from) throws InterruptedException {
    awaitServing(Math.min(2, ports.length));
    int number = from % ports.length;
    while (!Wire.answers(ports[number])) {
      number = (number + 1) % ports.length;
    }
    processes.get(number).kill();
    processes.set(number, process(number));
  }

  /**
   * Stops one in good order, and starts one of this program in its place; waits until that serves.
   * From then on nobody is started of the earlier release, which would refuse the newer schema.
   */
  void upgrade(int number) throws InterruptedException {
    earlier = Optional.empty();
    processes.get(number).stop();
    processes.set(number, process(number));
    awaitServing(ports.length);
  }

  /** Waits until so many serve. */
  void awaitServing(int count) {
    await()
        .atMost(STARTED_WITHIN)
        .pollDelay(Duration.ZERO)
        .pollInterval(LOOK_EVERY)
        .until(() -> {
          processes.forEach(Replicas::requireAlive);
          return IntStream.of(ports).filter(Wire::answers).count() >= count;
        });
  }

  private static void requireAlive(RoleProcess process) {
    if (!process.isAlive()) {
      throw new IllegalStateException("a replica ended by itself:\n" + process.log());
    }
  }

  /** Waits until no request is under way, also none whose client is gone. */
  void awaitIdle() {
    awaitServing(ports.length);
    try {
      await().atMost(STARTED_WITHIN).until(() -> processes.stream().allMatch(Replicas::isIdle));
    } catch (ConditionTimeoutException e) {
      throw new IllegalStateException(
          "requests that do not end; the threads of their replicas:\n"
              + processes.stream()
                  .filter(process -> !isIdle(process))
                  .map(RoleProcess::threads)
                  .collect(Collectors.joining("\n")),
          e);
    }
  }

  private static boolean isIdle(RoleProcess process) {
    return process.hasMetric("workspace_operator_http_requests_under_way 0.0");
  }

  /** The end of every log, for a failure. */
  String logs() {
    StringBuilder logs = new StringBuilder();
    processes.forEach(it -> logs.append("--- replica\n").append(it.log()));
    return logs.toString();
  }

  private RoleProcess process(int number) {
    List<String> options = new ArrayList<>(databaseOptions.apply(number));
    options.add("--address=127.0.0.1:" + ports[number]);
    options.add("--log-level=warn");
    Path log = makeDirectory(number);
    return earlier
        .map(jar -> RoleProcess.startPackaged("api", jar, log, options))
        .orElseGet(() -> RoleProcess.start("api", List.of(), log, options));
  }

  private Path makeDirectory(int number) {
    Path made = directory.resolve("replica-%d-%d".formatted(number, ++starts));
    if (!made.toFile().mkdirs()) {
      throw new IllegalStateException("cannot make " + made);
    }
    return made;
  }

  @Override
  public void close() {
    for (RoleProcess process : processes) {
      try {
        process.kill();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
