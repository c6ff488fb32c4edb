package dev.workspaceoperator.contract;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The calls that docs/api.md shows are those of openapi.yaml. */
final class ApiDocTest {
  private static final Path PAGE = Path.of("docs/api.md");
  private static final OpenApiDocument DOCUMENT = OpenApiDocument.shipped();
  private static final Pattern CURL =
      Pattern.compile("curl (.*?)\"\\$WORKSPACE_API_URL(/[^\"]*)\"", Pattern.DOTALL);
  private static final Pattern METHOD = Pattern.compile("-X ([A-Z]+)");
  private static final Pattern BODY = Pattern.compile(" -d '(\\{[^']*)'");

  @Test
  void everyCallIsAnOperation() throws IOException {
    List<String> shown = new ArrayList<>();
    Matcher curl = CURL.matcher(Files.readString(PAGE));
    while (curl.find()) {
      String options = curl.group(1);
      String path = curl.group(2).replace("$id", "019ab4c2-6f10-7c3e-9d51-2f7c6a1b0e42");
      Matcher method = METHOD.matcher(options);
      String verb = method.find() ? method.group(1) : options.contains(" -d ") ? "POST" : "GET";
      List<ApiOperation> operations =
          DOCUMENT.operationsAt(path).stream()
              .filter(operation -> operation.method().equals(verb))
              .toList();
      assertThat(operations).as(verb + " " + path).hasSize(1);
      shown.add(operations.getFirst().toString());
      Matcher body = BODY.matcher(options);
      if (body.find()) {
        assertThat(violations(operations.getFirst(), body.group(1))).as(body.group()).isEmpty();
      }
    }

    assertThat(DOCUMENT.operations())
        .as("every operation has its task")
        .extracting(ApiOperation::toString)
        .filteredOn(operation -> !operation.equals("GET /openapi.yaml"))
        // What the installation does to one workspace is shown where the workspace itself does it.
        .filteredOn(operation -> !operation.contains(" /v1/workspaces/{workspace}"))
        .isSubsetOf(shown);
  }

  private static List<String> violations(ApiOperation operation, String body) throws IOException {
    JsonNode content =
        DOCUMENT.member(operation.node(), "requestBody").orElseThrow().path("content");
    return DOCUMENT.violations(
        content.path("application/json").path("schema"), StrictJson.read(body));
  }

  @Test
  void everyBlockIsBashAndEveryAnswerShownIsJson() throws IOException {
    List<DocBlocks.Block> blocks = DocBlocks.of(PAGE);

    assertThat(blocks).hasSizeGreaterThan(12);
    for (DocBlocks.Block block : blocks) {
      assertThat(block.script()).as("line " + block.line()).doesNotContain("\t").isNotBlank();
      if (block.answer().isPresent()) {
        assertThat(StrictJson.read(block.answer().get())).as("line " + block.line()).isNotEmpty();
      }
    }
  }
}
