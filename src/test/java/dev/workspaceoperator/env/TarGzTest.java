package dev.workspaceoperator.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TarGzTest {
  private final Path directory;

  TarGzTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void takesTheWantedFilesOutOfWhereverTheyLie() throws Exception {
    Path archive = archive();
    Path into = Files.createDirectory(directory.resolve("into"));

    TarGz.extract(archive, List.of("etcd", "kubectl"), into);

    assertThat(into.resolve("etcd")).hasContent("e".repeat(1000));
    assertThat(into.resolve("kubectl")).hasContent("k".repeat(512));
    assertThat(into.resolve("other")).doesNotExist();
  }

  @Test
  void namesWhatTheArchiveLacks() throws Exception {
    Path archive = archive();

    assertThatThrownBy(() -> TarGz.extract(archive, List.of("etcd", "kube-apiserver"), directory))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("kube-apiserver");
  }

  /** By the machine's own tar, so that the format is not what the reader thinks it is. */
  private Path archive() throws IOException, InterruptedException {
    Path content = Files.createDirectories(directory.resolve("controller-tools/envtest"));
    Files.writeString(content.resolve("etcd"), "e".repeat(1000));
    Files.writeString(content.resolve("kubectl"), "k".repeat(512));
    Files.writeString(content.resolve("other"), "o");
    CommandResult.of(
            new ProcessBuilder("tar", "-czf", "archive.tar.gz", "controller-tools")
                .directory(directory.toFile()),
            "",
            Duration.ofSeconds(20))
        .orThrow();
    return directory.resolve("archive.tar.gz");
  }
}
