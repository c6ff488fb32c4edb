package dev.workspaceoperator.env;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * The packaged program of an earlier commit of this repository, which {@code -Drelease=} names:
 * built once, in {@code target/release/}.
 */
public final class EarlierRelease {
  /** Names the commit; {@code ./mvnw -Pupgrade} has one. */
  public static final String PROPERTY = "release";

  private static final Path DIRECTORY = Path.of("target", "release");
  private static final Duration GIT_BOUND = Duration.ofMinutes(1);
  private static final Duration BUILD_BOUND = Duration.ofMinutes(15);

  private EarlierRelease() {}

  /**
   * Where its jar is, beside its {@code lib}.
   *
   * @throws IllegalStateException if there is no such commit, or it does not build
   */
  public static Path jar(Consumer<String> progress) throws InterruptedException {
    String commit = commit(System.getProperty(PROPERTY, ""));
    Path tree = DIRECTORY.resolve(commit).toAbsolutePath();
    Path jar = tree.resolve(Path.of("target", "workspace-operator.jar"));
    if (!Files.exists(jar)) {
      progress.accept("building the release %s (once, a few minutes)".formatted(commit));
      build(commit, tree);
    }
    return jar;
  }

  private static String commit(String name) throws InterruptedException {
    CommandResult asked =
        run(GIT_BOUND, "git", "rev-parse", "--verify", "--quiet", name + "^{commit}");
    if (asked.exitCode() != 0) {
      throw new IllegalStateException(
          "-D%s=%s is no commit of this clone: git fetch origin %s"
              .formatted(PROPERTY, name, name.isEmpty() ? "COMMIT" : name));
    }
    return asked.stdout().strip();
  }

  private static void build(String commit, Path tree) throws InterruptedException {
    Trees.delete(tree);
    try {
      Files.createDirectories(tree);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Path archive = tree.resolve("source.tar");
    String _ = run(GIT_BOUND, "git", "archive", "--output=" + archive, commit).orThrow();
    String _ =
        run(GIT_BOUND, "tar", "--extract", "--file=" + archive, "--directory=" + tree).orThrow();
    String _ =
        run(
                BUILD_BOUND,
                tree.resolve("mvnw").toString(),
                "--batch-mode",
                "--quiet",
                "--file=" + tree.resolve("pom.xml"),
                "-Dspotless.check.skip=true",
                "-Dmaven.test.skip=true",
                "package")
            .orThrow();
  }

  private static CommandResult run(Duration bound, String... command) throws InterruptedException {
    return CommandResult.of(new ProcessBuilder(List.of(command)), "", bound);
  }
}
