package dev.workspaceoperator.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.env.CommandResult;
import dev.workspaceoperator.env.EmbeddedProcess;
import dev.workspaceoperator.env.FreePort;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A container as the kubelet would run it from a Deployment that Helm installed: the image's
 * entrypoint, the Deployment's arguments, environment and mounted files, all from the API server.
 * Changed is only where files lie and which addresses are listened on.
 */
public final class RenderedProcess implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration STARTS_WITHIN = Duration.ofSeconds(60);

  private final Deployment deployment;
  private final HelmCluster cluster;
  private final PodFiles files;
  private final EmbeddedProcess process;
  private final List<String> environment;
  private final Map<String, Integer> ports;

  private RenderedProcess(
      Deployment deployment,
      HelmCluster cluster,
      PodFiles files,
      EmbeddedProcess process,
      List<String> environment,
      Map<String, Integer> ports) {
    this.deployment = deployment;
    this.cluster = cluster;
    this.files = files;
    this.process = process;
    this.environment = environment;
    this.ports = ports;
  }

  /**
   * Starts the one container of a Deployment, and does not wait for it.
   *
   * @param deployment as the API server has it
   * @param cluster where it was installed
   * @param directory for its files and its log
   */
  static RenderedProcess start(Deployment deployment, HelmCluster cluster, Path directory)
      throws IOException {
    Container container = container(deployment);
    PodFiles files = PodFiles.materialize(deployment, cluster, directory);
    Map<String, String> environment = PodEnvironment.of(deployment, cluster);
    environment.replaceAll((name, value) -> files.mapped(value));
    environment.putAll(PodEnvironment.ofTheKubelet(cluster, files));

    Map<String, Integer> ports = new TreeMap<>();
    container.getPorts().forEach(port -> ports.put(port.getName(), FreePort.find()));
    ports.forEach(
        (name, port) -> environment.put(PodEnvironment.addressVariable(name), "127.0.0.1:" + port));

    List<String> inEnvironment = new ArrayList<>(List.of("env", "-i"));
    environment.forEach((name, value) -> inEnvironment.add(name + "=" + value));
    List<String> command = new ArrayList<>(inEnvironment);
    command.addAll(
        container.getCommand().isEmpty()
            ? ImageEntrypoint.mapped()
            : container.getCommand().stream().map(files::mapped).toList());
    container.getArgs().stream().map(files::mapped).forEach(command::add);
    return new RenderedProcess(
        deployment,
        cluster,
        files,
        EmbeddedProcess.start(container.getName(), command, directory, System.err::println),
        List.copyOf(inEnvironment),
        ports);
  }

  /** Whether the rendered startup, liveness and readiness probes are all content. */
  public boolean isContent() {
    Container container = container(deployment);
    return isContent(container.getStartupProbe())
        && isContent(container.getLivenessProbe())
        && isContent(container.getReadinessProbe());
  }

  /** Waits for the start: until all probes are content. */
  public void awaitContent() {
    await()
        .atMost(STARTS_WITHIN)
        .untilAsserted(() -> {
          assertThat(isAlive()).as(log()).isTrue();
          assertThat(isContent()).as(log()).isTrue();
        });
  }

  /**
   * The answer to a GET.
   *
   * @param port by name
   * @param token a bearer token; empty for none
   * @param headers further ones: name, value, …
   */
  public HttpResponse<String> get(String port, String path, String token, String... headers)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:%d%s".formatted(ports.get(port), path));
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(TIMEOUT);
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    try (HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .proxy(HttpClient.Builder.NO_PROXY)
            .connectTimeout(TIMEOUT)
            .build()) {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  /** Runs another command of the program in the container, as {@code kubectl exec} does. */
  public CommandResult exec(String... arguments) throws InterruptedException {
    List<String> command = new ArrayList<>(environment);
    command.addAll(ImageEntrypoint.javaJar());
    command.addAll(List.of(arguments));
    return CommandResult.of(new ProcessBuilder(command), "", STARTS_WITHIN);
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** How it ended, as {@link EmbeddedProcess#exitCode}. */
  public int exitCode() {
    return process.exitCode();
  }

  /**
   * Does what the kubelet does within a minute or so of a change: brings a mounted Secret or
   * ConfigMap up to date, each file at once.
   *
   * @param mountPath in the container
   */
  public void updateMounted(String mountPath) throws IOException {
    files.update(mountPath, deployment, cluster);
  }

  /**
   * Does the same for the cluster's certificate authority.
   *
   * @param pem all certificates that are trusted from now on
   */
  public void updateAuthority(String pem) throws IOException {
    files.updateAuthority(pem);
  }

  public String log() {
    return process.logTail();
  }

  /** SIGTERM, and waits for the end. */
  @Override
  public void close() {
    try {
      process.stop(Duration.ofSeconds(30));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Container container(Deployment deployment) {
    return deployment.getSpec().getTemplate().getSpec().getContainers().getFirst();
  }

  private boolean isContent(Probe probe) {
    try {
      var action = probe.getHttpGet();
      int status = get(action.getPort().getStrVal(), action.getPath(), "").statusCode();
      return status >= 200 && status < 400;
    } catch (IOException e) {
      return false; // Not listening yet.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
