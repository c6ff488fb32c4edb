package dev.workspaceoperator.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;

import dev.workspaceoperator.auth.ApiKey;
import dev.workspaceoperator.env.EmbeddedDatabase;
import dev.workspaceoperator.env.FreePort;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.AuditChain;
import dev.workspaceoperator.store.Migrations;
import dev.workspaceoperator.store.PostgresApiKeys;
import dev.workspaceoperator.store.PostgresDeclaredStore;
import dev.workspaceoperator.store.PostgresFleet;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.DeletionPolicy;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.port.Actor;
import dev.workspaceoperator.workspace.port.ControllerFence;
import dev.workspaceoperator.workspace.port.DeclaredStore.ClusterAdoption;
import dev.workspaceoperator.workspace.port.SyncOutcome;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * {@code ./mvnw -Pbench -Dbench=EventsBench}: what idle streams of events cost the packaged role
 * {@code api}, each of another workspace and with another key, and how soon all of them are told.
 */
public final class EventsBench {
  private static final Path DIRECTORY = Path.of("target", "bench");
  private static final int STREAMS = 1_000;
  private static final int WARM_STREAMS = 20;
  private static final int REQUESTS = 20_000;

  /** What opening streams set off is over by then. */
  private static final Duration SETTLED_AFTER = Duration.ofSeconds(10);

  private static final Duration IDLE = Duration.ofSeconds(60);
  private static final Duration BOUND = Duration.ofMinutes(2);
  private static final Actor ACTOR = new Actor("bench", Optional.empty());

  private static final Flags FLAGS = new Flags("api", StartBench.AOT_CACHE);

  private final DatabaseSettings settings;
  private final Database database;
  private final int port;
  private final AtomicInteger events = new AtomicInteger();
  private final Report report = new Report("events", "%,d streams".formatted(STREAMS));

  private EventsBench(DatabaseSettings settings, Database database, int port) {
    this.settings = settings;
    this.database = database;
    this.port = port;
  }

  /** Takes no argument into account. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Files.createDirectories(DIRECTORY);
    EmbeddedDatabase server = EmbeddedDatabase.startThrowaway(Report::say);
    DatabaseSettings settings = DatabaseSettings.of(server.url());
    new Migrations(settings).migrate(Duration.ofSeconds(30), Report::say);
    int port = FreePort.find();
    int management = FreePort.find();
    Process api =
        new ProcessBuilder(command(settings.url(), port, management))
            .redirectErrorStream(true)
            .redirectOutput(new File(DIRECTORY.toFile(), "api.log"))
            .start();
    try (Database database = Database.open(settings)) {
      new EventsBench(settings, database, port).run(api.pid());
    } finally {
      api.destroy();
      api.waitFor();
    }
  }

  private static List<String> command(String databaseUrl, int port, int management) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(FLAGS.plain());
    command.addAll(
        List.of(
            "-jar",
            "target/workspace-operator.jar",
            "api",
            "--database-url=" + databaseUrl,
            "--address=127.0.0.1:" + port,
            "--management-address=127.0.0.1:" + management,
            "--drain-delay-seconds=0"));
    return command;
  }

  private void run(long pid) throws IOException, InterruptedException {
    Report.say("%d workspaces".formatted(STREAMS));
    List<String> keys = keys();
    warm(keys.getFirst());
    double idleBefore = cpuOfIdling(pid);
    double memoryBefore = memory(pid);
    List<Socket> streams = new ArrayList<>();
    try {
      // One after the other: how many can come at once is another question.
      for (String key : keys) {
        streams.add(follow(key));
        awaitEvents(streams.size());
      }
      double idle = cpuOfIdling(pid);
      double kib = (memory(pid) - memoryBefore) / STREAMS;
      report.goal(
          "%d idle streams of as many workspaces: memory of each (RSS from %.0f to %.0f MiB, %s)"
              .formatted(STREAMS, memoryBefore / 1_024, memory(pid) / 1_024, FLAGS.heap()),
          "%.1f KiB".formatted(kib),
          "≤ 64 KiB",
          kib <= 64);
      report.goal(
          "%d idle streams: CPU of all of them".formatted(STREAMS),
          "%.2f %% of a core (%.2f %% without streams, %.2f %% with)"
              .formatted((idle - idleBefore) * 100, idleBefore * 100, idle * 100),
          "≤ 2 %",
          idle - idleBefore <= 0.02);
      tellAll();
      report.finish();
    } finally {
      for (Socket stream : streams) {
        stream.close();
      }
    }
  }

  private void tellAll() {
    int before = events.get();
    long committedAt;
    try (Database reserved = Database.open(settings.withPoolSize(1))) {
      new PostgresFleet(database, reserved, AuditChain.unkeyed())
          .switchKill(true, Optional.empty(), ACTOR);
      committedAt = System.nanoTime();
      awaitEvents(before + STREAMS);
    }
    report.figure(
        "A platform kill switch, from its commit until all %d streams of %1$d workspaces have told it"
            .formatted(STREAMS),
        "%.0f ms".formatted((System.nanoTime() - committedAt) / 1e6));
  }

  /** A key of each of so many workspaces. */
  private List<String> keys() {
    AuditChain chain = AuditChain.unkeyed();
    PostgresDeclaredStore declared = new PostgresDeclaredStore(database, chain);
    PostgresApiKeys apiKeys = new PostgresApiKeys(database, chain);
    ControllerFence fence = declared.raiseEpoch("default", "uid", ClusterAdoption.REFUSE);
    SecureRandom random = new SecureRandom();
    List<String> keys = new ArrayList<>();
    for (int number = 0; number < STREAMS; number++) {
      String name = "ws-" + number;
      Manifest manifest =
          new Manifest(
              new ResourceIdentity("default", "team", name),
              "uid-" + name,
              1,
              name,
              DeclaredSettings.NONE,
              DeletionPolicy.RETAIN,
              List.of(),
              List.of());
      if (!(declared.sync(fence, manifest, State.PRESENT, 0)
          instanceof SyncOutcome.Applied applied)) {
        throw new IllegalStateException("a manifest was not applied");
      }
      UUID id = applied.gathered().workspace().orElseThrow().id();
      ApiKey key = ApiKey.generate(random);
      var _ =
          apiKeys.create(
              id,
              "bench",
              key.digest(),
              Set.of(Scope.WORKSPACE_READ),
              Optional.empty(),
              Optional.empty(),
              ACTOR);
      keys.add(key.reveal());
    }
    return keys;
  }

  /** So that what every process needs is not counted as a stream's. */
  private void warm(String key) throws IOException {
    Listening.await(port);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      BufferedReader reader = reader(socket);
      for (int request = 0; request < REQUESTS; request++) {
        send(socket, "/v1/workspace/", key);
        readTo(reader, '}');
      }
    }
    List<Socket> streams = new ArrayList<>();
    for (int stream = 1; stream <= WARM_STREAMS; stream++) {
      streams.add(follow(key));
      awaitEvents(stream);
    }
    for (Socket stream : streams) {
      stream.close();
    }
    events.set(0);
  }

  private Socket follow(String key) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    send(socket, "/v1/workspace/events", key);
    Thread.ofVirtual()
        .start(() -> {
          try {
            BufferedReader reader = reader(socket);
            for (@Nullable String line = reader.readLine();
                line != null;
                line = reader.readLine()) {
              if (line.equals("event: workspace")) {
                events.incrementAndGet();
              }
            }
          } catch (IOException e) {
            // Closed at the end.
          }
        });
    return socket;
  }

  private static void send(Socket socket, String path, String key) throws IOException {
    socket
        .getOutputStream()
        .write(
            "GET %s HTTP/1.1\r\nHost: localhost\r\nX-API-Key: %s\r\n\r\n"
                .formatted(path, key)
                .getBytes(US_ASCII));
  }

  private static BufferedReader reader(Socket socket) throws IOException {
    return new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII), 1_024);
  }

  private static void readTo(BufferedReader reader, char last) throws IOException {
    int read = reader.read();
    while (read != last) {
      if (read < 0) {
        throw new IOException("the answer ends too soon");
      }
      read = reader.read();
    }
  }

  private void awaitEvents(int count) {
    await()
        .atMost(BOUND)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .untilAtomic(events, greaterThanOrEqualTo(count));
  }

  /** Cores that the process uses while nothing happens. */
  private static double cpuOfIdling(long pid) throws InterruptedException {
    Thread.sleep(SETTLED_AFTER);
    long from = System.nanoTime();
    double cpu = CpuTimes.ofProcess(pid);
    Thread.sleep(IDLE);
    return (CpuTimes.ofProcess(pid) - cpu) / ((System.nanoTime() - from) / 1e9);
  }

  /** Resident memory in KiB. */
  private static double memory(long pid) throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElseThrow();
  }
}
