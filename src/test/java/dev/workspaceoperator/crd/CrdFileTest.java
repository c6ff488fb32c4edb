package dev.workspaceoperator.crd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class CrdFileTest {
  @Test
  void theFileIsWhatIsGenerated() throws IOException {
    assertThat(Files.readString(CrdGenerator.FILE))
        .as("%s is stale: run ./mvnw -Pgenerate test-compile", CrdGenerator.FILE)
        .isEqualTo(CrdGenerator.generate());
  }
}
