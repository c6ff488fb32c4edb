package dev.workspaceoperator.env;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThrowawayDirectoryTest {
  /** Above every process id that Linux gives. */
  private static final String ENDED = "workspace-operator-kube-9999999999-";

  @TempDir private Path parent;

  @Test
  void whatAnEndedProcessLeftGoes() throws IOException {
    leave(ENDED + "1");

    Path created = ThrowawayDirectory.create(parent);

    assertThat(directories()).containsExactly(created);
  }

  @Test
  void whatALivingProcessOwnsOrLocksStays() throws Exception {
    Path owned = leave("workspace-operator-kube-%d-1".formatted(ProcessHandle.current().pid()));
    Path locked = leave(ENDED + "2");
    Process holder = process(Holder.class, locked);
    try {
      assertThat(holder.inputReader().readLine()).isEqualTo("locked");

      ThrowawayDirectory.create(parent);
    } finally {
      holder.destroyForcibly().waitFor();
    }

    assertThat(directories()).contains(owned, locked).hasSize(3);
  }

  @Test
  void manyProcessesMayFindTheSameAtOnce() throws Exception {
    for (int i = 0; i < 100; i++) {
      leave(ENDED + i);
    }
    List<Process> processes = new ArrayList<>();
    try {
      for (int i = 0; i < 4; i++) {
        processes.add(process(Creator.class, parent));
      }

      for (Process process : processes) {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
      }
    } finally {
      processes.forEach(Process::destroyForcibly);
    }
    assertThat(directories()).isNotEmpty().noneMatch(path -> isFrom(path, ENDED));
  }

  private static Process process(Class<?> main, Path directory) throws IOException {
    return new ProcessBuilder(
            ProcessHandle.current().info().command().orElseThrow(),
            "-cp",
            System.getProperty("java.class.path"),
            main.getName(),
            directory.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** A process of its own that makes one. */
  static final class Creator {
    private Creator() {}

    static void main(String[] args) {
      ThrowawayDirectory.create(Path.of(args[0]));
    }
  }

  /** A process of its own that locks one until it is killed. */
  static final class Holder {
    private Holder() {}

    static void main(String[] args) throws InterruptedException {
      try (FileMutex _ = FileMutex.tryAcquire(Path.of(args[0], "lock")).orElseThrow()) {
        System.out.println("locked");
        Thread.sleep(Duration.ofMinutes(1));
      }
    }
  }

  private static boolean isFrom(Path directory, String prefix) {
    return directory.getFileName().toString().startsWith(prefix);
  }

  private Path leave(String name) throws IOException {
    Path data = Files.createDirectories(parent.resolve(name).resolve("data/base/5"));
    for (int i = 0; i < 50; i++) {
      Files.createFile(data.resolve(Integer.toString(i)));
    }
    return parent.resolve(name);
  }

  private List<Path> directories() throws IOException {
    try (Stream<Path> all = Files.list(parent)) {
      return all.toList();
    }
  }
}
