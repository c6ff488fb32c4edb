package dev.workspaceoperator.env;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileMutexTest {
  @Test
  void hasOneHolderUntilItIsGivenBack(@TempDir Path directory) {
    Path file = directory.resolve("lock");
    FileMutex first = FileMutex.tryAcquire(file).orElseThrow();

    assertThat(FileMutex.tryAcquire(file)).isEmpty();

    first.close();
    Optional<FileMutex> second = FileMutex.tryAcquire(file);
    assertThat(second).isPresent();
    second.get().close();
  }
}
