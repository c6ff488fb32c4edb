package dev.workspaceoperator.env;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * An AOT cache of the packaged program, as the image has one: it halves a start, of which the tests
 * make many. Made once for a jar, beside it, by a replica that starts and stops.
 */
public final class StartCache {
  private static final String NAME = "start-cache";
  private static final Duration READY_WITHIN = Duration.ofSeconds(60);
  private static final Duration WRITTEN_WITHIN = Duration.ofSeconds(60);

  private StartCache() {}

  /** The packaged program; empty where the classes are tested as they were compiled. */
  public static Optional<Path> packagedProgram() {
    String jar = System.getProperty("application.jar", "");
    return Arrays.asList(System.getProperty("java.class.path").split(":", -1)).contains(jar)
        ? Optional.of(jar).filter(name -> !name.isEmpty()).map(Path::of)
        : Optional.empty();
  }

  /** Its cache; empty where there is no packaged program, and while another JVM makes the cache. */
  public static Optional<Path> ofPackagedProgram() throws InterruptedException {
    Optional<Path> jar = packagedProgram();
    if (jar.isEmpty()) {
      return Optional.empty();
    }
    try {
      return of(jar.get());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<Path> of(Path jar) throws IOException, InterruptedException {
    Path cache =
        jar.resolveSibling("%s-%d.aot".formatted(NAME, Files.getLastModifiedTime(jar).toMillis()));
    if (Files.exists(cache)) {
      return Optional.of(cache);
    }
    try (FileMutex mutex = FileMutex.tryAcquire(jar.resolveSibling(NAME + ".lock")).orElse(null)) {
      if (mutex == null) {
        return Optional.empty();
      }
      if (!Files.exists(cache)) {
        make(jar, cache);
      }
      return Optional.of(cache);
    }
  }

  private static void make(Path jar, Path cache) throws IOException, InterruptedException {
    Path directory = Objects.requireNonNull(cache.toAbsolutePath().getParent());
    deleteOlder(directory);
    Path part = cache.resolveSibling(NAME + ".part");
    int port = FreePort.find();
    EmbeddedProcess replica =
        EmbeddedProcess.start(
            NAME,
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Path.of("src", "main", "jvm", "api.options"),
                "-XX:AOTCacheOutput=" + part,
                "-jar",
                jar.toString(),
                "api",
                "--address=127.0.0.1:0",
                "--management-address=127.0.0.1:" + port,
                "--drain-delay-seconds=0",
                "--database-url=" + SharedDatabase.create()),
            directory,
            System.err::println);
    try (HttpClient client = Readiness.client().build()) {
      String ready = "http://127.0.0.1:%d/readyz".formatted(port);
      Readiness.await(
          NAME, replica, READY_WITHIN, () -> Readiness.answersOk(client, ready, "none"));
    } finally {
      // It writes the cache at its end.
      replica.stop(WRITTEN_WITHIN);
    }
    if (!Files.exists(part)) {
      throw new IllegalStateException("no AOT cache was made:\n" + replica.logTail());
    }
    Files.move(part, cache, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void deleteOlder(Path directory) throws IOException {
    try (DirectoryStream<Path> caches = Files.newDirectoryStream(directory, NAME + "-*.aot")) {
      for (Path cache : caches) {
        Files.delete(cache);
      }
    }
  }
}
