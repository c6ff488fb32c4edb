package dev.workspaceoperator.app;

import dev.workspaceoperator.env.CommandResult;
import dev.workspaceoperator.env.EmbeddedProcess;
import dev.workspaceoperator.env.FreePort;
import dev.workspaceoperator.env.StartCache;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A role in a process of its own, which can be killed, paused and asked how it is. */
public final class RoleProcess {
  private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(2);

  private final EmbeddedProcess process;
  private final String managementUrl;

  private RoleProcess(EmbeddedProcess process, String managementUrl) {
    this.process = process;
    this.managementUrl = managementUrl;
  }

  /**
   * Starts one, and does not wait for it.
   *
   * @param role {@code controller} or {@code api}
   * @param directory for its log
   * @param options of the command, without the management address
   */
  static RoleProcess start(String role, Path directory, List<String> options) {
    return start(role, List.of(), directory, options);
  }

  /**
   * The same with more flags of the JVM.
   *
   * @param jvmFlags after those that ship
   */
  public static RoleProcess start(
      String role, List<String> jvmFlags, Path directory, List<String> options) {
    List<String> program = new ArrayList<>();
    // Tests start many processes that live for a moment: C2 would cost them more than it gives.
    program.add("-XX:TieredStopAtLevel=1");
    program.addAll(jvmFlags);
    program.addAll(program());
    return launch(role, program, directory, options);
  }

  /** One of a packaged program, with the flags of the JVM that ship and no others. */
  public static RoleProcess startPackaged(
      String role, Path jar, Path directory, List<String> options) {
    return launch(role, List.of("-jar", jar.toString()), directory, options);
  }

  private static RoleProcess launch(
      String role, List<String> program, Path directory, List<String> options) {
    int port = FreePort.find();
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Path.of("src", "main", "jvm", role + ".options")));
    command.addAll(program);
    command.addAll(List.of(role, "--management-address=127.0.0.1:" + port, "--log-format=text"));
    command.addAll(options);
    return new RoleProcess(
        EmbeddedProcess.start(role, command, directory, System.err::println),
        "http://127.0.0.1:" + port);
  }

  /** The packaged program with its AOT cache, or else the classes that are tested. */
  private static List<String> program() {
    List<String> program = new ArrayList<>();
    try {
      StartCache.ofPackagedProgram().ifPresent(cache -> program.add("-XX:AOTCache=" + cache));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    program.addAll(
        StartCache.packagedProgram()
            .map(jar -> List.of("-jar", jar.toString()))
            .orElseGet(
                () -> List.of("-cp", System.getProperty("java.class.path"), Main.class.getName())));
    return program;
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  public long pid() {
    return process.pid();
  }

  /** How it ended. */
  public int exitCode() {
    return process.exitCode();
  }

  public String log() {
    return process.logTail();
  }

  /** The stacks of all its threads, virtual ones too. */
  public String threads() {
    try {
      Path file = Files.createTempDirectory("workspace-operator-threads-").resolve("threads.txt");
      CommandResult asked =
          CommandResult.of(
              new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                  Long.toString(process.pid()),
                  "Thread.dump_to_file",
                  file.toString()),
              "",
              Duration.ofSeconds(30));
      return asked.exitCode() == 0 ? Files.readString(file) : asked.toString();
    } catch (IOException e) {
      return "(no threads: " + e.getMessage() + ")";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "(no threads: interrupted)";
    }
  }

  /** Whether /livez answers 200. */
  boolean isLive() {
    return get("/livez").filter(answer -> answer.statusCode() == 200).isPresent();
  }

  /** Whether /readyz answers 200. */
  public boolean isReady() {
    return get("/readyz").filter(answer -> answer.statusCode() == 200).isPresent();
  }

  /** Whether its metrics say that it leads. */
  boolean isLeading() {
    return hasMetric("workspace_operator_leader 1.0");
  }

  /** Where its management port is, as in {@code 127.0.0.1:9090}. */
  String management() {
    return managementUrl.substring("http://".length());
  }

  /** What a scrape gets, in plain text; empty text where nobody answers. */
  String metrics() {
    return get("/metrics").map(HttpResponse::body).orElse("");
  }

  /** Whether its metrics have this line. */
  public boolean hasMetric(String line) {
    return get("/metrics").filter(answer -> answer.body().contains("\n" + line)).isPresent();
  }

  /** SIGKILL. */
  public void kill() throws InterruptedException {
    process.kill();
  }

  /** SIGTERM, and waits for the end. */
  public void stop() throws InterruptedException {
    process.stop(Duration.ofSeconds(30));
  }

  /** SIGTERM, and does not wait. */
  void terminate() throws InterruptedException {
    signal("TERM");
  }

  /** SIGSTOP. */
  void pause() throws InterruptedException {
    signal("STOP");
  }

  /** SIGCONT. */
  void goOn() throws InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws InterruptedException {
    try {
      Process kill =
          new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start();
      if (!kill.waitFor(10, TimeUnit.SECONDS) || kill.exitValue() != 0) {
        throw new IllegalStateException("cannot send SIG" + name);
      }
    } catch (IOException e) {
      throw new IllegalStateException("cannot send SIG" + name, e);
    }
  }

  /** Empty where nobody answers. */
  private Optional<HttpResponse<String>> get(String path) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(managementUrl + path)).timeout(ANSWERS_WITHIN).build();
    try (HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(HttpClient.Builder.NO_PROXY)
            .connectTimeout(ANSWERS_WITHIN)
            .build()) {
      return Optional.of(client.send(request, HttpResponse.BodyHandlers.ofString()));
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** Where the log of one process is. */
  static Path newDirectory() {
    try {
      return Files.createTempDirectory("workspace-operator-role-");
    } catch (IOException e) {
      throw new IllegalStateException("cannot make a directory for a log", e);
    }
  }
}
