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
import java.net.URI;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Writes statuses by server-side apply. This is the one request that is made for each change of
 * each Workspace, so it does without what the client's own patch adds: a copy of the resource, and
 * the reading of a whole resource as the answer.
 */
final class StatusApi {
  private static final String CONTENT_TYPE = "application/apply-patch+yaml";
  private static final String API_VERSION = HasMetadata.getApiVersion(Workspace.class);
  private static final String KIND = HasMetadata.getKind(Workspace.class);
  private static final String PATH =
      "apis/%s/namespaces/%%s/%s/%%s/status?fieldManager=%s&force=true"
          .formatted(
              API_VERSION, HasMetadata.getPlural(Workspace.class), ResourceWriter.FIELD_MANAGER);

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
   * @throws KubernetesClientException if the API server refuses, or does not answer in time
   */
  void apply(ObjectMeta metadata, WorkspaceStatus status) {
    String body =
        client
            .getKubernetesSerialization()
            .asJson(
                Map.of(
                    "apiVersion", API_VERSION,
                    "kind", KIND,
                    "metadata",
                        Map.of(
                            "namespace", metadata.getNamespace(),
                            "name", metadata.getName(),
                            "uid", metadata.getUid()),
                    "status", status));
    HttpRequest request =
        http.newHttpRequestBuilder()
            .uri(server.resolve(PATH.formatted(metadata.getNamespace(), metadata.getName())))
            .method("PATCH", CONTENT_TYPE, body)
            .build();
    HttpResponse<byte[]> response = await(http.sendAsync(request, byte[].class));
    if (!response.isSuccessful()) {
      // The API server explains itself by a Status, a proxy in between by whatever it likes.
      String explanation = response.body() == null ? "" : new String(response.body(), UTF_8);
      throw new KubernetesClientException(
          "PATCH of status: HTTP %d: %.1000s".formatted(response.code(), explanation),
          response.code(),
          null);
    }
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
          "PATCH of status: no answer in time, or errors only (5xx), as for a custom resource older than this program",
          e);
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new KubernetesClientException("PATCH of status was interrupted", e);
    }
  }
}
