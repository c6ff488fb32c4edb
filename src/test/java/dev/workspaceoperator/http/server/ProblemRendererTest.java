package dev.workspaceoperator.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProblemRendererTest {

  @ParameterizedTest
  @ValueSource(strings = {"/", "/a", "/ab", "/abc"})
  void aPathThatIsTooLongIsCutOffBetweenEscapes(String begin) throws IOException {
    String path = begin + "%C3%A4".repeat(1_000);

    byte[] body =
        ProblemRenderer.render(Problem.of(ProblemCode.NOT_FOUND, "Nothing there."), path, "r");

    String instance = new ObjectMapper().readTree(body).path("instance").asText();
    assertThat(URI.create(instance).getRawPath()).isEqualTo(instance);
    assertThat(instance).hasSizeBetween(1_000, 1_024).startsWith(begin + "%C3%A4");
  }
}
