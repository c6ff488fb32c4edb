package dev.workspaceoperator.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TracesPageTest {
  @Test
  void thePageHasTheAttributesOfTheCode() throws IOException {
    List<String> rows =
        Files.readString(Path.of("docs", "tracing.md"))
            .lines()
            .dropWhile(line -> !line.equals("| attribute | means |"))
            .skip(2)
            .takeWhile(line -> line.startsWith("|"))
            .toList();

    assertThat(rows)
        .containsExactlyElementsOf(
            Arrays.stream(Attribute.values())
                .map(it -> "| `%s` | %s |".formatted(it.key(), it.meaning()))
                .toList());
  }
}
