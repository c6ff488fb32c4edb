package dev.workspaceoperator.crd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class CrdFileTest {
  @Test
  void theFilesAreWhatIsGenerated() throws IOException {
    for (Path file : List.of(CrdGenerator.FILE, CrdGenerator.CHART_FILE)) {
      assertThat(Files.readString(file))
          .as("%s is stale: run ./mvnw -Pgenerate test-compile", file)
          .isEqualTo(CrdGenerator.generate());
    }
  }
}
