package dev.workspaceoperator.controller;

import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.crd.WorkspaceStatus;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All that is ever written to a Workspace: its status, by server-side apply, and the finalizer.
 * Never its spec.
 */
final class ResourceWriter {
  /** Only where {@code deletionPolicy} is {@code Delete}. */
  static final String FINALIZER = "workspace-operator.dev/archive";

  private static final WorkspaceStatus UNOBSERVED =
      new WorkspaceStatus(null, null, null, null, null, null, null, null, null);

  /** How long the informer may lag behind a status that this process wrote. */
  private static final Duration ECHO_WITHIN = Duration.ofSeconds(10);

  private static final PatchContext MERGE =
      new PatchContext.Builder()
          .withPatchType(PatchType.JSON_MERGE)
          .withFieldManager(StatusApi.FIELD_MANAGER)
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
   * The status as this process knows it: what it wrote last, as long as the informer still shows
   * what was there before, and for a reasonable time at most. Otherwise a lagging cache would make
   * it write the same twice. Whatever else the informer shows, somebody else wrote.
   */
  WorkspaceStatus current(Workspace resource) {
    WorkspaceStatus seen = orNew(resource.getStatus());
    String uid = resource.getMetadata().getUid();
    Written written = unechoed.get(uid);
    if (written == null) {
      return seen;
    }
    if (!written.superseded().contains(seen) || written.isOlderThan(ECHO_WITHIN)) {
      unechoed.remove(uid, written);
      return seen;
    }
    return written.status();
  }

  /** This resource is gone: nothing of it comes back from the informer. */
  void forget(Workspace resource) {
    unechoed.remove(resource.getMetadata().getUid());
  }

  /**
   * Writes a status if it differs from what is there, and then tells the world what changed. All of
   * the status is what this process says: what an apply leaves, because somebody else owns it, is
   * removed.
   *
   * @throws FencedException if this process may not write any more
   * @throws KubernetesClientException if the API server refuses or does not answer
   */
  void write(Workspace resource, WorkspaceStatus next) {
    write(resource, next, current(resource));
  }

  /**
   * Writes a status if it differs from what is there, and then tells the world what changed since
   * it was told {@code toldSoFar}.
   *
   * @throws FencedException if this process may not write any more
   * @throws KubernetesClientException if the API server refuses or does not answer
   */
  void write(Workspace resource, WorkspaceStatus next, WorkspaceStatus toldSoFar) {
    WorkspaceStatus current = current(resource);
    if (next.equals(current)) {
      return;
    }
    ObjectMeta metadata = resource.getMetadata();
    Optional<WorkspaceStatus> applied =
        send(() -> orNew(statusApi.apply(metadata, next).orElse(null)));
    if (applied.isEmpty()) {
      forget(resource);
      return;
    }
    written(metadata, current, applied.get());
    transitions.observed(resource, toldSoFar, next);
    if (!applied.get().equals(next)
        && send(
                () -> {
                  statusApi.replace(metadata, next);
                  return next;
                })
            .isPresent()) {
      written(metadata, applied.get(), next);
    }
  }

  private void written(ObjectMeta metadata, WorkspaceStatus before, WorkspaceStatus after) {
    unechoed.compute(
        metadata.getUid(), (_, earlier) -> Written.of(Optional.ofNullable(earlier), before, after));
  }

  /**
   * Puts the finalizer on or takes it off; nothing is written if it is so already.
   *
   * @return the resource as it is then
   * @throws FencedException if this process may not write any more
   * @throws KubernetesClientException if the resource moved meanwhile, or the API server does not
   *     answer
   */
  Workspace setFinalizer(Workspace resource, boolean wanted) {
    if (resource.hasFinalizer(FINALIZER) == wanted) {
      return resource;
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
    return send(() -> api(resource).patch(MERGE, patch)).orElse(resource);
  }

  /** What the API server answered; empty if the resource is gone. */
  private <T> Optional<T> send(Supplier<T> request) {
    if (!guard.mayWrite()) {
      throw new FencedException("the lease has run out");
    }
    try {
      return Optional.of(request.get());
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
        return Optional.empty(); // Deleted meanwhile: its own event follows.
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

  /**
   * What was written.
   *
   * @param superseded what the informer may still show
   */
  private record Written(WorkspaceStatus status, Set<WorkspaceStatus> superseded, long atNanos) {
    static Written of(Optional<Written> earlier, WorkspaceStatus before, WorkspaceStatus after) {
      Set<WorkspaceStatus> superseded = new HashSet<>();
      earlier.ifPresent(unechoed -> superseded.addAll(unechoed.superseded()));
      superseded.add(before);
      superseded.remove(after);
      return new Written(after, Set.copyOf(superseded), System.nanoTime());
    }

    boolean isOlderThan(Duration age) {
      return System.nanoTime() - atNanos > age.toNanos();
    }
  }
}
