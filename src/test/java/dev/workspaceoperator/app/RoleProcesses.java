package dev.workspaceoperator.app;

import dev.workspaceoperator.env.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The processes of one test, or of all of a class: ended after it, and heard where one failed. */
final class RoleProcesses implements AfterEachCallback, AfterAllCallback {
  private enum Lifetime {
    ONE_TEST,
    ALL_TESTS
  }

  private final Lifetime lifetime;
  private final Map<Path, RoleProcess> started = new LinkedHashMap<>();

  private RoleProcesses(Lifetime lifetime) {
    this.lifetime = lifetime;
  }

  static RoleProcesses ofEachTest() {
    return new RoleProcesses(Lifetime.ONE_TEST);
  }

  /** For a static field. */
  static RoleProcesses ofAllTests() {
    return new RoleProcesses(Lifetime.ALL_TESTS);
  }

  /** Starts a controller; see {@link RoleProcess#start}. */
  RoleProcess start(List<String> options, String... more) {
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of(more));
    return start("controller", List.of(), all);
  }

  /** Starts a replica of the role {@code api} on a free port, and does not wait for it. */
  ApiReplica api(String databaseUrl, String... options) {
    return api(List.of(), databaseUrl, options);
  }

  /** The same with more flags of the JVM. */
  ApiReplica api(List<String> jvmFlags, String databaseUrl, String... options) {
    int port = FreePort.find();
    List<String> all = new ArrayList<>(List.of(options));
    all.add("--database-url=" + databaseUrl);
    all.add("--address=127.0.0.1:" + port);
    return new ApiReplica(start("api", jvmFlags, all), port);
  }

  /** Starts a replica of the role {@code ext-authz} on a free port, and does not wait for it. */
  RoleProcess extAuthz(String databaseUrl, String... options) {
    return extAuthzOn(FreePort.find(), databaseUrl, options);
  }

  /** The same on this port. */
  RoleProcess extAuthzOn(int port, String databaseUrl, String... options) {
    List<String> all = new ArrayList<>(List.of(options));
    all.add("--database-url=" + databaseUrl);
    all.add("--address=127.0.0.1:" + port);
    return start("ext-authz", List.of(), all);
  }

  private RoleProcess start(String role, List<String> jvmFlags, List<String> options) {
    Path directory = RoleProcess.newDirectory();
    RoleProcess process = RoleProcess.start(role, jvmFlags, directory, options);
    started.put(directory, process);
    return process;
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException, InterruptedException {
    if (context.getExecutionException().isPresent()) {
      for (RoleProcess process : started.values()) {
        System.err.printf(
            "The log of a process (%s):%n%s%n",
            process.isAlive() ? "it runs" : "exit code " + process.exitCode(), process.log());
      }
    }
    if (lifetime == Lifetime.ONE_TEST) {
      end();
    }
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException, InterruptedException {
    end();
  }

  private void end() throws IOException, InterruptedException {
    for (RoleProcess process : started.values()) {
      process.kill();
    }
    for (Path directory : started.keySet()) {
      delete(directory);
    }
    started.clear();
  }

  private static void delete(Path directory) throws IOException {
    List<Path> deepestFirst;
    try (Stream<Path> all = Files.walk(directory)) {
      deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : deepestFirst) {
      Files.deleteIfExists(path);
    }
  }
}
