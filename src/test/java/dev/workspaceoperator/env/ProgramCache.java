package dev.workspaceoperator.env;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The programs of one version of Kubernetes or Helm, kept for every clone of the repository on this
 * machine.
 *
 * <p>A program is either whole or absent: it is made in a working directory on the same file system
 * and moved in. Who makes programs holds {@link #lock}.
 *
 * @param title what they are, as progress names it: {@code Kubernetes}
 * @param root as in {@code ~/.cache/workspace-operator/kube}
 * @param version as in {@code v1.37.2}
 */
record ProgramCache(String title, Path root, String version) {
  private static final Duration LOCK_BOUND = Duration.ofMinutes(40);
  private static final Duration REPORT_EVERY = Duration.ofSeconds(15);
  private static final String WORK_PREFIX = "work-";

  /** The cache of this machine's user; {@code folder} as in {@code kube}. */
  static ProgramCache ofUser(String title, String folder, String version) {
    Path root = Path.of(System.getProperty("user.home"), ".cache", "workspace-operator", folder);
    return new ProgramCache(title, root, version);
  }

  Path directory() {
    return root.resolve(version);
  }

  boolean has(List<String> programs) {
    return programs.stream().allMatch(program -> Files.isExecutable(directory().resolve(program)));
  }

  /**
   * Waits for the lock; empty when, meanwhile, {@code done} came true and there is nothing left to
   * make.
   */
  Optional<FileMutex> lock(BooleanSupplier done, Consumer<String> progress)
      throws InterruptedException {
    Path file = root.resolve(version + ".lock");
    try {
      Files.createDirectories(root);
    } catch (IOException e) {
      throw new KubeUnavailableException("Cannot create the cache directory " + root + ".", e);
    }
    Deadline bound = Deadline.in(LOCK_BOUND);
    Deadline report = Deadline.in(Duration.ZERO);
    while (!bound.passed()) {
      Optional<FileMutex> mutex = FileMutex.tryAcquire(file);
      if (done.getAsBoolean()) {
        mutex.ifPresent(FileMutex::close);
        return Optional.empty();
      }
      if (mutex.isPresent()) {
        dropLeftovers();
        return mutex;
      }
      if (report.passed()) {
        progress.accept(title + ": waiting for another process that prepares it (" + file + ")");
        report = Deadline.in(REPORT_EVERY);
      }
      Thread.sleep(500);
    }
    throw new KubeUnavailableException(
        "Another process has held " + file + " for " + LOCK_BOUND.toMinutes() + " minutes.");
  }

  Path newWorkDirectory() {
    try {
      return Files.createTempDirectory(root, WORK_PREFIX + version + "-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void install(Path work, List<String> programs) {
    try {
      Files.createDirectories(directory());
      for (String program : programs) {
        Path made = work.resolve(program);
        if (!made.toFile().setExecutable(true, false)) {
          throw new IOException("cannot make executable: " + made);
        }
        Files.move(
            made,
            directory().resolve(program),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot put " + programs + " into " + directory(), e);
    }
  }

  /** Called under the lock: nobody works in these any more. */
  private void dropLeftovers() {
    try (DirectoryStream<Path> left =
        Files.newDirectoryStream(root, WORK_PREFIX + version + "-*")) {
      left.forEach(Trees::delete);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
