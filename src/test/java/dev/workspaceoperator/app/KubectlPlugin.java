package dev.workspaceoperator.app;

import dev.workspaceoperator.env.CommandResult;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The plugin as its user has it: on a PATH with kubectl, which notes how it is called.
 *
 * <p>{@code kubectl port-forward} can be stood in for: it then says what the real one says, and
 * stays until it is ended. All else is the real kubectl.
 */
final class KubectlPlugin {
  /** The script. */
  static final Path SCRIPT = Path.of("integrations/kubectl/kubectl-workspace").toAbsolutePath();

  private static final Duration BOUND = Duration.ofSeconds(60);

  private final Path kubectl;
  private final Path directory;
  private final Map<String, String> environment = new HashMap<>();

  /**
   * One that no kubeconfig leads anywhere yet.
   *
   * @param kubectl the real one
   * @param directory its own, for all that it writes
   */
  KubectlPlugin(Path kubectl, Path directory) throws IOException {
    this.kubectl = kubectl;
    this.directory = Files.createDirectories(directory);
    Files.createDirectories(directory.resolve("bin"));
    Files.createDirectories(temporary());
    writeKubectl("");
    environment.put("HOME", directory.toString());
    environment.put("TMPDIR", temporary().toString());
    environment.put("KUBECONFIG", directory.resolve("none").toString());
    environment.put(
        "PATH",
        String.join(
            File.pathSeparator,
            directory.resolve("bin").toString(),
            SCRIPT.resolveSibling(".").normalize().toString(),
            System.getenv("PATH")));
  }

  /** The same with a variable. */
  KubectlPlugin with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  /** The same with a program that is found before the machine's. */
  KubectlPlugin withProgram(String name, String script) throws IOException {
    Path program = directory.resolve("bin").resolve(name);
    Files.writeString(program, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return this;
  }

  /** The same whose way through the cluster leads to a port of this machine. */
  KubectlPlugin forwardedTo(int port) throws IOException {
    writeKubectl(
        """
        echo 'Forwarding from 127.0.0.1:%d -> 8080'
            exec sleep 600\
        """
            .formatted(port));
    return this;
  }

  /**
   * A kubectl that notes what it is called with.
   *
   * @param forward what it does for port-forward before it is the real one
   */
  private void writeKubectl(String forward) throws IOException {
    withProgram(
        "kubectl",
        """
        { printf '%%s\\n' "$*" >>'%s'; } 2>/dev/null
        for argument in "$@"; do
          if [ "$argument" = port-forward ]; then
            echo $$ >>'%s'
            %s
          fi
        done
        exec '%s' "$@"\
        """
            .formatted(calls(), forwarders(), forward.isEmpty() ? ":" : forward, kubectl));
  }

  /** Runs {@code kubectl workspace …}. */
  CommandResult run(String... arguments) throws InterruptedException {
    return CommandResult.of(process(arguments), "", BOUND);
  }

  /** The process of {@code kubectl workspace …}, not started yet. */
  ProcessBuilder process(String... arguments) {
    // Who starts the tests may ignore signals, as nohup does, and whoever inherits that cannot but.
    List<String> command = new ArrayList<>(List.of("env", "--default-signal=HUP,INT,TERM"));
    command.add(directory.resolve("bin/kubectl").toString());
    command.add("workspace");
    command.addAll(List.of(arguments));
    return builder(command);
  }

  /** Runs the script by a shell. */
  CommandResult runBy(List<String> shell, String... arguments) throws InterruptedException {
    List<String> command = new ArrayList<>(shell);
    command.add(SCRIPT.toString());
    command.addAll(List.of(arguments));
    return CommandResult.of(builder(command), "", BOUND);
  }

  /** Runs anything else as its user would. */
  CommandResult runScript(String script) throws InterruptedException {
    return CommandResult.of(builder(List.of("sh", "-c", script)), "", BOUND);
  }

  private ProcessBuilder builder(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.startsWith("WORKSPACE_"));
    builder.environment().remove("KUBECTL");
    builder.environment().putAll(environment);
    return builder;
  }

  /** How kubectl was called, each time. */
  List<String> calledWith() throws IOException {
    return Files.readAllLines(calls());
  }

  /** Whether something that it made is still there: a file, or a way through the cluster. */
  boolean hasLeftSomething() throws IOException {
    String[] files = temporary().toFile().list();
    if (files == null || files.length > 0) {
      return true;
    }
    return Files.exists(forwarders())
        && Files.readAllLines(forwarders()).stream()
            .anyMatch(pid ->
                ProcessHandle.of(Long.parseLong(pid)).filter(ProcessHandle::isAlive).isPresent());
  }

  /** How often a way through the cluster was opened. */
  int forwarded() throws IOException {
    return Files.exists(forwarders()) ? Files.readAllLines(forwarders()).size() : 0;
  }

  Path directory() {
    return directory;
  }

  /** A kubeconfig of a user with a client certificate, who is its user from now on. */
  KubectlPlugin as(Path certificate, Path key, String server, Path authority) throws IOException {
    Path kubeconfig = directory.resolve("kubeconfig");
    Files.writeString(
        kubeconfig,
        """
        apiVersion: v1
        kind: Config
        current-context: own
        clusters: [{name: own, cluster: {server: '%s', certificate-authority: '%s'}}]
        users: [{name: own, user: {client-certificate: '%s', client-key: '%s'}}]
        contexts: [{name: own, context: {cluster: own, user: own}}]
        """
            .formatted(server, authority, certificate, key));
    return with("KUBECONFIG", kubeconfig.toString());
  }

  /** Where it keeps what it needs until it ends. */
  Path temporary() {
    return directory.resolve("temporary");
  }

  private Path calls() {
    return directory.resolve("calls");
  }

  private Path forwarders() {
    return directory.resolve("forwarders");
  }
}
