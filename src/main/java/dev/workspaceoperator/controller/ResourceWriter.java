package dev.workspaceoperator.controller;

import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.crd.WorkspaceStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * All that is ever written to a Workspace: its status, by server-side apply, and the finalizer.
 * Never its spec.
 */
final class ResourceWriter {
  /** The field manager of status. */
  static final String FIELD_MANAGER = "workspace-operator";

  /** Only where {@code deletionPolicy} is {@code Delete}. */
  static final String FINALIZER = "workspace-operator.dev/archive";

  private static final WorkspaceStatus UNOBSERVED =
      new WorkspaceStatus(null, null, null, null, null, null, null, null, null);

  /** How long the informer may lag behind a status that this process wrote. */
  private static final Duration ECHO_WITHIN = Duration.ofSeconds(10);

  private static final PatchContext MERGE =
      new PatchContext.Builder()
          .withPatchType(PatchType.JSON_MERGE)
          .withFieldManager(FIELD_MANAGER)
          .build();

  private final KubernetesClient client;
  private final StatusApi statusApi;
  private final WriteGuard guard;
  private final Transitions transitions;
  private final Map<String, Written> unechoed = new ConcurrentHashMap<>();

  ResourceWriter(KubernetesClient client, WriteGuard guard, Transitions transitions) {
    this.client = client;
    this.statusApi = new StatusApi(client);
    this.guard = guard;
    this.transitions = transitions;
  }

  /**
   * The status as this process knows it: what it wrote last, until the informer shows that or a
   * reasonable time has passed. Otherwise a lagging cache would make it write the same twice.
   */
  WorkspaceStatus current(Workspace resource) {
    WorkspaceStatus seen = orNew(resource.getStatus());
    String uid = resource.getMetadata().getUid();
    Written written = unechoed.get(uid);
    if (written == null) {
      return seen;
    }
    if (written.status().equals(seen) || written.isOlderThan(ECHO_WITHIN)) {
      unechoed.remove(uid, written);
      return seen;
    }
    return written.status();
  }

  /**
   * Writes a status if it differs from what is there, and then tells the world what changed.
   *
   * @throws FencedException if this process may not write any more
   * @throws KubernetesClientException if the API server refuses or does not answer
   */
  void write(Workspace resource, WorkspaceStatus next) {
    WorkspaceStatus current = current(resource);
    if (next.equals(current)) {
      return;
    }
    if (send(() -> statusApi.apply(resource.getMetadata(), next))) {
      unechoed.put(resource.getMetadata().getUid(), new Written(next, System.nanoTime()));
      transitions.observed(resource, current, next);
    }
  }

  /**
   * Puts the finalizer on or takes it off; nothing is written if it is so already.
   *
   * @throws FencedException if this process may not write any more
   * @throws KubernetesClientException if the resource moved meanwhile, or the API server does not
   *     answer
   */
  void setFinalizer(Workspace resource, boolean wanted) {
    if (resource.hasFinalizer(FINALIZER) == wanted) {
      return;
    }
    List<String> finalizers = new ArrayList<>(resource.getMetadata().getFinalizers());
    if (wanted) {
      finalizers.add(FINALIZER);
    } else {
      finalizers.remove(FINALIZER);
    }
    // Explicit, because an empty list must be sent, not left out.
    String patch =
        Serialization.asJson(
            Map.of(
                "metadata",
                Map.of(
                    "uid", resource.getMetadata().getUid(),
                    "resourceVersion", resource.getMetadata().getResourceVersion(),
                    "finalizers", finalizers)));
    send(() -> api(resource).patch(MERGE, patch));
  }

  private boolean send(Runnable request) {
    if (!guard.mayWrite()) {
      throw new FencedException("the lease has run out");
    }
    try {
      request.run();
      return true;
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
        return false; // Deleted meanwhile: its own event follows.
      }
      throw e;
    }
  }

  private Resource<Workspace> api(Workspace resource) {
    return client
        .resources(Workspace.class)
        .inNamespace(resource.getMetadata().getNamespace())
        .withName(resource.getMetadata().getName());
  }

  private static WorkspaceStatus orNew(@Nullable WorkspaceStatus status) {
    return status == null ? UNOBSERVED : status;
  }

  private record Written(WorkspaceStatus status, long atNanos) {
    boolean isOlderThan(Duration age) {
      return System.nanoTime() - atNanos > age.toNanos();
    }
  }
}
