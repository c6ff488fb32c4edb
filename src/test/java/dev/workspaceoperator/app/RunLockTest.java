package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLockTest {
  @Test
  void aSecondRunIsRefusedAndLeavesTheFirstOnesFiles(@TempDir Path directory) throws IOException {
    Path environment = Files.writeString(directory.resolve("env"), "KEY=value\n");
    try (RunLock _ = RunLock.take(directory)) {
      assertThatThrownBy(() -> RunLock.take(directory))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("Another run uses " + directory);
      assertThat(environment).hasContent("KEY=value");
    }
    RunLock.take(directory).close();
  }
}
