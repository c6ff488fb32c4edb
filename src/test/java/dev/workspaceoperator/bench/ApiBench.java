package dev.workspaceoperator.bench;

import dev.workspaceoperator.auth.ApiKey;
import dev.workspaceoperator.env.EmbeddedDatabase;
import dev.workspaceoperator.env.FreePort;
import dev.workspaceoperator.store.AuditChain;
import dev.workspaceoperator.store.Database;
import dev.workspaceoperator.store.DatabaseSettings;
import dev.workspaceoperator.store.Migrations;
import dev.workspaceoperator.store.PostgresApiKeys;
import dev.workspaceoperator.store.PostgresDeclaredStore;
import dev.workspaceoperator.workspace.Actor;
import dev.workspaceoperator.workspace.ControllerFence;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.DeclaredStore.ClusterAdoption;
import dev.workspaceoperator.workspace.DeletionPolicy;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.SettingValues;
import dev.workspaceoperator.workspace.SyncOutcome;
import java.io.IOException;
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

/**
 * How many times a second {@code GET /v1/workspace/} is answered by a process of its own, with the
 * database and the load beside it on the same machine. Linux only: reads /proc.
 */
public final class ApiBench {
  private static final List<String> JVM =
      List.of("-XX:+UseSerialGC", "-Xmx96m", "-Xss512k", "-XX:MaxMetaspaceSize=80m");
  private static final int CONNECTIONS = 64;
  private static final Duration ROUND = Duration.ofSeconds(10);
  private static final int ROUNDS = 4;

  private ApiBench() {}

  /** Runs it and prints a table. */
  public static void main(String[] arguments) throws Exception {
    try (EmbeddedDatabase database = database()) {
      String key = prepare(DatabaseSettings.of(database.url()));
      int port = FreePort.find();
      Path log = Files.createTempFile("api-bench", ".log");
      Process process = start(database.url(), port, log);
      try {
        awaitListening(process, port, log);
        measure(process, port, key, log);
      } finally {
        process.destroy();
        process.waitFor();
        Files.delete(log);
      }
    }
  }

  private static EmbeddedDatabase database() throws InterruptedException {
    return EmbeddedDatabase.startThrowaway(System.err::println);
  }

  private static void measure(Process process, int port, String key, Path log) throws Exception {
    HttpLoad load =
        new HttpLoad(
            port,
            "GET /v1/workspace/ HTTP/1.1\nHost: localhost\nX-API-Key: %s\n\n".formatted(key),
            CONNECTIONS);
    System.out.println("JVM flags: " + String.join(" ", JVM));
    System.out.println(
        "| round | requests/s | p50 ms | p99 ms | failures | RSS MiB | server CPU s/s |");
    System.out.println("|---|---|---|---|---|---|---|");
    double peak = 0;
    for (int round = 1; round <= ROUNDS; round++) {
      double cpu = CpuTimes.ofProcess(process.pid());
      HttpLoad.Result result = load.flatOut(ROUND);
      print("flat out " + round, result, process, cpu);
      peak = Math.max(peak, result.perSecond());
    }
    double cpu = CpuTimes.ofProcess(process.pid());
    print("at half of it", load.paced(ROUND, peak / 2), process, cpu);
    System.out.printf("access log: %d MiB%n", Files.size(log) >> 20);
  }

  private static void print(String round, HttpLoad.Result result, Process process, double cpuBefore)
      throws IOException {
    double cpu = (CpuTimes.ofProcess(process.pid()) - cpuBefore) / ROUND.toSeconds();
    System.out.printf(
        "| %s | %.0f | %.1f | %.1f | %d | %.0f | %.2f |%n",
        round,
        result.perSecond(),
        result.p50Millis(),
        result.p99Millis(),
        result.failures(),
        rss(process),
        cpu);
  }

  private static double rss(Process process) throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
        .findFirst()
        .orElseThrow();
  }

  private static Process start(String databaseUrl, int port, Path log) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of("dev.workspaceoperator.app.Main", "api"));
    command.add("--database-url=" + databaseUrl);
    command.add("--address=127.0.0.1:" + port);
    command.add("--management-address=127.0.0.1:" + FreePort.find());
    command.add("--drain-delay-seconds=0");
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  private static void awaitListening(Process process, int port, Path log)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (System.nanoTime() < end && process.isAlive()) {
      try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return;
      } catch (IOException e) {
        Thread.sleep(100);
      }
    }
    throw new IllegalStateException("the api does not start: " + Files.readString(log));
  }

  private static String prepare(DatabaseSettings settings) throws InterruptedException {
    new Migrations(settings).migrate(Duration.ofSeconds(30), System.err::println);
    try (Database database = Database.open(settings)) {
      AuditChain chain = AuditChain.unkeyed();
      PostgresDeclaredStore declared = new PostgresDeclaredStore(database, chain);
      ControllerFence fence = declared.raiseEpoch("bench", "bench", ClusterAdoption.REFUSE);
      Manifest manifest =
          new Manifest(
              new ResourceIdentity("bench", "bench", "bench"),
              "uid",
              1,
              "bench",
              new DeclaredSettings(Plan.SCALE, SettingValues.NONE, false, Optional.empty()),
              DeletionPolicy.RETAIN,
              List.of());
      SyncOutcome.Applied applied = (SyncOutcome.Applied) declared.sync(fence, manifest, 0);
      ApiKey key = ApiKey.generate(new SecureRandom());
      new PostgresApiKeys(database, chain)
          .create(
              applied.gathered().workspace().orElseThrow().id(),
              "bench",
              key.digest(),
              Set.of(Scope.WORKSPACE_READ),
              Optional.empty(),
              Optional.empty(),
              new Actor("bench", Optional.empty()));
      return key.reveal();
    }
  }
}
