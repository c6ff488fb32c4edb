package dev.workspaceoperator.controller;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.crd.WorkspaceStatus;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Writes statuses by server-side apply. This is the one request that is made for each change of
 * each Workspace, so it does without what the client's own patch adds: a copy of the resource.
 *
 * <p>An apply leaves what somebody else owns, such as a condition of a status that was restored
 * from a backup; {@link #replace} does not.
 */
final class StatusApi {
  /** The field manager of all that this program writes. */
  static final String FIELD_MANAGER = "workspace-operator";

  private static final String APPLY = "application/apply-patch+yaml";
  private static final String JSON_PATCH = "application/json-patch+json";
  private static final String API_VERSION = HasMetadata.getApiVersion(Workspace.class);
  private static final String KIND = HasMetadata.getKind(Workspace.class);
  private static final String PATH =
      "apis/%s/namespaces/%%s/%s/%%s/status?fieldManager=%s"
          .formatted(API_VERSION, HasMetadata.getPlural(Workspace.class), FIELD_MANAGER);

  private final KubernetesClient client;
  private final HttpClient http;
  private final URI server;

  StatusApi(KubernetesClient client) {
    this.client = client;
    this.http = client.getHttpClient();
    this.server = URI.create(client.getMasterUrl() + "/");
  }

  /**
   * Applies a status, and nothing else.
   *
   * @param metadata of the resource; its UID makes the API server refuse the write if the resource
   *     was made anew meanwhile
   * @return the status that the resource has now; empty if that cannot be read
   * @throws KubernetesClientException if the API server refuses, or does not answer in time
   */
  Optional<WorkspaceStatus> apply(ObjectMeta metadata, WorkspaceStatus status) {
    byte[] answer =
        patch(
            metadata,
            "&force=true",
            APPLY,
            Map.of(
                "apiVersion", API_VERSION,
                "kind", KIND,
                "metadata",
                    Map.of(
                        "namespace", metadata.getNamespace(),
                        "name", metadata.getName(),
                        "uid", metadata.getUid()),
                "status", status));
    Workspace written =
        client
            .getKubernetesSerialization()
            .unmarshal(new ByteArrayInputStream(answer), Workspace.class);
    return Optional.ofNullable(written.getStatus());
  }

  /**
   * Puts a status in the place of whatever is there, whoever owns that.
   *
   * @param metadata as for {@link #apply}
   * @throws KubernetesClientException as for {@link #apply}
   */
  void replace(ObjectMeta metadata, WorkspaceStatus status) {
    byte[] _ =
        patch(
            metadata,
            "",
            JSON_PATCH,
            List.of(
                Map.of("op", "test", "path", "/metadata/uid", "value", metadata.getUid()),
                Map.of("op", "add", "path", "/status", "value", status)));
  }

  private byte[] patch(ObjectMeta metadata, String parameters, String contentType, Object body) {
    String path = PATH.formatted(metadata.getNamespace(), metadata.getName()) + parameters;
    HttpRequest request =
        http.newHttpRequestBuilder()
            .uri(server.resolve(path))
            .method("PATCH", contentType, client.getKubernetesSerialization().asJson(body))
            .build();
    HttpResponse<byte[]> response = await(http.sendAsync(request, byte[].class));
    byte[] answer = response.body() == null ? new byte[0] : response.body();
    if (!response.isSuccessful()) {
      // The API server explains itself by a Status, a proxy in between by whatever it likes.
      throw new KubernetesClientException(
          "PATCH of status: HTTP %d: %.1000s".formatted(response.code(), new String(answer, UTF_8)),
          response.code(),
          null);
    }
    return answer;
  }

  private HttpResponse<byte[]> await(CompletableFuture<HttpResponse<byte[]>> answer) {
    try {
      return answer.get(client.getConfiguration().getRequestTimeout(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw KubernetesClientException.launderThrowable("PATCH of status failed", e.getCause());
    } catch (TimeoutException e) {
      answer.cancel(true);
      // The client keeps an error of the server (5xx) to itself and sends the request again.
      throw new KubernetesClientException(
          "PATCH of status: no answer in time, or errors only (5xx), as for a custom resource older"
              + " than this program",
          e);
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new KubernetesClientException("PATCH of status was interrupted", e);
    }
  }
}
