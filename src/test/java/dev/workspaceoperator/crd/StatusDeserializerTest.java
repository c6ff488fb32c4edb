package dev.workspaceoperator.crd;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class StatusDeserializerTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void keepsWhatManyStatusesSayOnce() throws JsonProcessingException {
    WorkspaceStatus one = read("one", "The manifest is in force.");
    WorkspaceStatus other = read("other", "The manifest is in force.");

    assertThat(message(other)).isEqualTo("The manifest is in force.").isSameAs(message(one));
    assertThat(one.slug()).isEqualTo("one");
    assertThat(other.slug()).isEqualTo("other");
  }

  @Test
  void keepsApartWhatDiffersHoweverMuchThereIs() throws JsonProcessingException {
    for (int i = 0; i < 5_000; i++) {
      WorkspaceStatus status = read("slug-" + i, "message " + i);

      assertThat(status.slug()).isEqualTo("slug-" + i);
      assertThat(message(status)).isEqualTo("message " + i);
    }
  }

  private static String message(WorkspaceStatus status) {
    return Objects.requireNonNull(status.conditions()).getFirst().message();
  }

  private static WorkspaceStatus read(String slug, String message) throws JsonProcessingException {
    String json =
        """
        {"apiVersion": "workspace-operator.dev/v1", "kind": "Workspace",
         "status": {"slug": "%s", "conditions": [{"type": "Ready", "status": "True", "message": "%s"}]}}
        """
            .formatted(slug, message);
    return Objects.requireNonNull(JSON.readValue(json, Workspace.class).getStatus());
  }
}
