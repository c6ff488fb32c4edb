package dev.workspaceoperator.bench;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.DoublePredicate;

/** A role as a process of its own, as it runs in a cluster. Linux only: reads /proc. */
final class OperatorProcess implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration STOP_BOUND = Duration.ofSeconds(90);
  private static final Duration WAIT_BOUND = Duration.ofMinutes(15);
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final Process process;
  private final URI metrics;
  private final long startedAtNanos;

  private OperatorProcess(Process process, URI metrics, long startedAtNanos) {
    this.process = process;
    this.metrics = metrics;
    this.startedAtNanos = startedAtNanos;
  }

  /**
   * Starts it, and does not wait.
   *
   * @param port of its management server
   * @param arguments of the role, beside the management address
   */
  static OperatorProcess start(
      String role, List<String> jvmFlags, int port, File log, List<String> arguments)
      throws IOException {
    return start(
        List.of("-jar", "target/workspace-operator.jar", role), jvmFlags, port, log, arguments);
  }

  /**
   * The same for another program.
   *
   * @param program what Java is to run
   */
  static OperatorProcess start(
      List<String> program, List<String> jvmFlags, int port, File log, List<String> arguments)
      throws IOException {
    return start(program, jvmFlags, port, log, arguments, Map.of());
  }

  /** The same with these variables. */
  static OperatorProcess start(
      List<String> program,
      List<String> jvmFlags,
      int port,
      File log,
      List<String> arguments,
      Map<String, String> variables)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmFlags);
    command.addAll(program);
    command.add("--management-address=127.0.0.1:" + port);
    command.addAll(arguments);
    long startedAtNanos = System.nanoTime();
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log));
    builder.environment().putAll(variables);
    Process process = builder.start();
    // A benchmark that is interrupted leaves none behind.
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(process::destroyForcibly));
    return new OperatorProcess(
        process, URI.create("http://127.0.0.1:" + port + "/metrics"), startedAtNanos);
  }

  /** Since the process was started. */
  double age() {
    return (System.nanoTime() - startedAtNanos) / 1e9;
  }

  /** User and system time so far, in seconds. */
  double cpu() {
    return CpuTimes.ofProcess(process.pid());
  }

  long pid() {
    return process.pid();
  }

  /** {@code VmRSS} or {@code VmHWM}, in MiB. */
  double memory(String field) throws IOException {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith(field + ":"))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
        .findFirst()
        .orElseThrow();
  }

  /** The sum of the samples that start so; 0 while the process does not answer yet. */
  double metric(String prefix) throws InterruptedException {
    try {
      String text =
          HTTP.send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofString()).body();
      return text.lines()
          .filter(line -> line.startsWith(prefix))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .sum();
    } catch (IOException e) {
      return 0;
    }
  }

  /** Reconciliations, of one outcome or of all. */
  double reconciles(String outcome) throws InterruptedException {
    String name = "workspace_operator_reconcile_seconds_count{";
    return metric(outcome.isEmpty() ? name : name + "outcome=\"" + outcome + "\"");
  }

  /** Waits until there are so many. */
  void await(String outcome, DoublePredicate enough) throws InterruptedException {
    long deadline = System.nanoTime() + WAIT_BOUND.toNanos();
    while (!enough.test(reconciles(outcome))) {
      check(deadline);
      Thread.sleep(POLL);
    }
  }

  void awaitLeading() throws InterruptedException {
    awaitOne("workspace_operator_leader");
  }

  /** Waits until this metric is 1. */
  void awaitOne(String name) throws InterruptedException {
    long deadline = System.nanoTime() + WAIT_BOUND.toNanos();
    while (metric(name) < 1) {
      check(deadline);
      Thread.sleep(POLL);
    }
  }

  private void check(long deadline) {
    if (!process.isAlive()) {
      throw new IllegalStateException("the process has ended: " + process.exitValue());
    }
    if (System.nanoTime() > deadline) {
      throw new IllegalStateException("the process does not get there");
    }
  }

  /** SIGTERM, and waits; a training run writes its AOT cache meanwhile. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_BOUND.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
