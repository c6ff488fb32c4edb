package dev.workspaceoperator.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.env.CommandResult;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two linters that users have read openapi.yaml, and find nothing. */
final class LintersIT {
  private static final Path DESCRIPTION = Path.of("src/main/resources/openapi.yaml");

  @TempDir private Path directory;

  @Test
  void theyFindNothing() throws Exception {
    CommandResult result = lint(DESCRIPTION);

    assertThat(result.exitCode()).as(result.stdout() + result.stderr()).isZero();
    assertThat(result.stdout()).contains("No results with a severity of 'hint' or higher found!");
    assertThat(result.stderr()).contains("Your API description is valid.");
  }

  @Test
  void theyFindWhatIsWrong() throws Exception {
    String text = Files.readString(DESCRIPTION);
    String wrong = text.replace("latch: Platform\n", "latch: Nobody\n");
    assertThat(wrong).isNotEqualTo(text);

    CommandResult result = lint(Files.writeString(directory.resolve("openapi.yaml"), wrong));

    assertThat(result.exitCode()).as(result.stdout() + result.stderr()).isEqualTo(1);
    assertThat(result.stdout() + result.stderr())
        .contains("oas3-valid-media-example")
        .contains("no-invalid-media-type-examples");
  }

  private static CommandResult lint(Path description) throws InterruptedException {
    ProcessBuilder lint =
        new ProcessBuilder(
            ClientTools.DIRECTORY.resolve("lint").toString(),
            description.toAbsolutePath().toString());
    return CommandResult.of(lint, "", ClientTools.PREPARATION);
  }
}
