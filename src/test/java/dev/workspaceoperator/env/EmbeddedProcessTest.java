package dev.workspaceoperator.env;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedProcessTest {
  private final Path data;
  private final Path elsewhere;
  private Process left;

  EmbeddedProcessTest(@TempDir Path data, @TempDir Path elsewhere) {
    this.data = data;
    this.elsewhere = elsewhere;
  }

  @BeforeEach
  void startTheOneLeftBehind() throws Exception {
    left = processThatNames(data);
  }

  @AfterEach
  void stopTheOneLeftBehind() {
    left.destroyForcibly();
  }

  @Test
  void stopsAProcessLeftBehindOnThisDataDirectory() throws Exception {
    Files.writeString(data.resolve("etcd.pid"), Long.toString(left.pid()));

    EmbeddedProcess.stopOrphan("etcd", data, _ -> {});

    assertThat(left.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(data.resolve("etcd.pid")).doesNotExist();
  }

  @Test
  void sparesAProcessThatOnlyGotTheSameProcessId() throws Exception {
    Files.writeString(elsewhere.resolve("etcd.pid"), Long.toString(left.pid()));

    EmbeddedProcess.stopOrphan("etcd", elsewhere, _ -> {});

    assertThat(left.isAlive()).isTrue();
    assertThat(elsewhere.resolve("etcd.pid")).doesNotExist();
  }

  private static Process processThatNames(Path directory) throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    return new ProcessBuilder("tail", "-f", file.toString())
        .redirectInput(new File("/dev/null"))
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
