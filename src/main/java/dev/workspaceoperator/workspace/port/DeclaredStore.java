package dev.workspaceoperator.workspace.port;

import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.StoredWorkspace;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The store as the controller sees it. Every method may throw {@link StoreUnavailableException};
 * then it is unknown whether a write happened, and repeating it is safe.
 */
public interface DeclaredStore {
  /**
   * Raises the epoch of a cluster's controller, and so shuts out every earlier one.
   *
   * @param cluster {@code cluster.name}
   * @param clusterUid UID of the namespace {@code kube-system}: tells two clusters of one name
   *     apart
   * @param adoption whether another UID under this name is taken over or refused
   * @throws ClusterNameTakenException if another cluster has this name and is not to be adopted
   */
  ControllerFence raiseEpoch(String cluster, String clusterUid, ClusterAdoption adoption);

  /** Reads without a lock and without a write. */
  Gathered gather(ResourceIdentity identity, Optional<String> slug, Set<ApiKeyDigest> digests);

  /**
   * Notes for those who are notified that the plan does not allow what a manifest asks for; of one
   * generation once, however often it is said.
   *
   * @param message what is refused, and what to do about it
   */
  void tellPlanRefusal(
      ResourceIdentity identity, String resourceUid, long generation, String message);

  /**
   * Makes the manifest the declared layer of its workspace, in one transaction with its audit rows
   * and its notification; creates the workspace, or brings a frozen or archived one back. Writes no
   * runtime value and no runtime latch.
   *
   * @param state what the workspace is then: {@code PRESENT}, or what the manifest's deletion makes
   *     of it
   * @param expectedDeclaredRevision {@link StoredWorkspace#declaredRevision()} as gathered; 0 for a
   *     workspace that was not there
   */
  SyncOutcome sync(
      ControllerFence fence,
      Manifest manifest,
      StoredWorkspace.State state,
      long expectedDeclaredRevision);

  /**
   * A resource exists again, and its manifest is refused: what is frozen stays in force, and
   * belongs to manifests alone from now on. Without effect unless the workspace is frozen and holds
   * its slug.
   *
   * @param resourceUid of the resource
   */
  SyncOutcome thaw(ControllerFence fence, ResourceIdentity identity, String resourceUid);

  /**
   * The resource is gone, or goes with {@code Delete}: archives the workspace or freezes what was
   * declared, as the deletion policy says that was last accepted. Without effect if it is so
   * already.
   */
  SyncOutcome retire(ControllerFence fence, ResourceIdentity identity);

  /** Whether the store knows what a status remembers; reads without a lock. */
  LostHistory.Answer knows(LostHistory.Question question);

  /**
   * Writes into the workspace's audit chain that its history was lost, and engages its kill switch
   * of the REST API where that or the installation's was on. Without effect where there is no such
   * workspace, or where the same was written before.
   */
  SyncOutcome recordLoss(ControllerFence fence, ResourceIdentity identity, LostHistory lost);

  /**
   * The revision of each workspace of a cluster whose resource is thought to exist, and of those
   * that are frozen against their deletion policy.
   */
  Map<ResourceIdentity, Long> revisionsOfPresent(String cluster);

  /** Whether another UID under the same cluster name is refused or taken over. */
  enum ClusterAdoption {
    /** Refuse: two clusters must not write to the same workspaces. */
    REFUSE,
    /** Take over: the cluster was rebuilt. */
    ADOPT
  }
}
