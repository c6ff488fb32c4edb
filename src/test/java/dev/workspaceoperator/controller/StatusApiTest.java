package dev.workspaceoperator.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.workspaceoperator.crd.WorkspaceStatus;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

@EnableKubernetesMockClient
@SuppressWarnings("NullAway.Init") // The extension sets the fields.
class StatusApiTest {
  private static final String PATH =
      "/apis/workspace-operator.dev/v1/namespaces/team/workspaces/one/status"
          + "?fieldManager=workspace-operator&force=true";
  private static final ObjectMeta METADATA =
      new ObjectMetaBuilder()
          .withNamespace("team")
          .withName("one")
          .withUid("uid-1")
          .withResourceVersion("7")
          .build();
  private static final WorkspaceStatus STATUS =
      new WorkspaceStatus(3L, null, "one", null, null, null, null, null, null);

  private KubernetesMockServer server;
  private KubernetesClient client;

  @Test
  void appliesWhatTheStatusSaysToThisVeryResourceAndNothingElse() throws InterruptedException {
    server
        .expect()
        .patch()
        .withPath(PATH)
        .andReturn(200, Map.of("status", Map.of("slug", "other")))
        .once();

    assertThat(new StatusApi(client).apply(METADATA, STATUS))
        .hasValueSatisfying(left -> assertThat(left.slug()).isEqualTo("other"));

    RecordedRequest request = server.takeRequest(5, TimeUnit.SECONDS);
    assertThat(request.getHeaders().get("Content-Type")).startsWith("application/apply-patch+yaml");
    assertThat(client.getKubernetesSerialization().unmarshal(request.getUtf8Body(), Object.class))
        .isEqualTo(
            client
                .getKubernetesSerialization()
                .unmarshal(
                    """
                    {"apiVersion": "workspace-operator.dev/v1", "kind": "Workspace",
                     "metadata": {"namespace": "team", "name": "one", "uid": "uid-1"},
                     "status": {"observedGeneration": 3, "slug": "one"}}
                    """,
                    Object.class));
  }

  @Test
  void saysWhyAWriteWasRefused() {
    server.expect().patch().withPath(PATH).andReturn(409, "the UID is another").always();

    assertThatExceptionOfType(KubernetesClientException.class)
        .isThrownBy(() -> new StatusApi(client).apply(METADATA, STATUS))
        .withMessageContaining("the UID is another")
        .satisfies(refused -> assertThat(refused.getCode()).isEqualTo(409));
  }
}
