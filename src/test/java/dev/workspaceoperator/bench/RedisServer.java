package dev.workspaceoperator.bench;

import dev.workspaceoperator.env.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Redis that makes every write durable before it answers, on loopback and on a free port. */
final class RedisServer implements AutoCloseable {
  private static final long START_BOUND_NANOS = TimeUnit.SECONDS.toNanos(20);

  private final Process process;
  private final int port;

  private RedisServer(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Empty where there is no redis-server. */
  static Optional<RedisServer> start() throws IOException, InterruptedException {
    Optional<Path> program = OtherProgram.find("redis-server");
    if (program.isEmpty()) {
      return Optional.empty();
    }
    int port = FreePort.find();
    Path directory = Files.createTempDirectory(Lab.DIRECTORY, "redis");
    Process process =
        new ProcessBuilder(
                program.get().toString(),
                "--bind",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--dir",
                directory.toAbsolutePath().toString(),
                "--appendonly",
                "yes",
                "--appendfsync",
                "always",
                "--save",
                "")
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    RedisServer server = new RedisServer(process, port);
    server.awaitReady();
    return Optional.of(server);
  }

  int port() {
    return port;
  }

  /** User and system time so far, in seconds. */
  double cpu() {
    return CpuTimes.ofProcess(process.pid());
  }

  private void awaitReady() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + START_BOUND_NANOS;
    while (true) {
      try (RedisLine line = RedisLine.open(port)) {
        if (line.ask("PING").equals("PONG")) {
          return;
        }
      } catch (IOException e) {
        if (!process.isAlive() || System.nanoTime() > deadline) {
          throw e;
        }
        Thread.sleep(20);
      }
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
