package dev.workspaceoperator.controller;

import dev.workspaceoperator.crd.ManifestReader;
import dev.workspaceoperator.crd.Reading;
import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.ControllerFence;
import dev.workspaceoperator.workspace.DeclaredApiKey;
import dev.workspaceoperator.workspace.DeclaredStore;
import dev.workspaceoperator.workspace.Gathered;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.SyncOutcome;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What becomes of a workspace whose resource is gone: what was declared last is frozen, or the
 * workspace is archived. Repeating it changes nothing.
 */
final class Retirement {
  private final ControllerFence fence;
  private final DeclaredStore store;

  Retirement(ControllerFence fence, DeclaredStore store) {
    this.fence = fence;
    this.store = store;
  }

  /**
   * By the last generation, also one that came together with the deletion and was never dealt with;
   * where that is refused, by the one that was last accepted.
   *
   * @param last the resource as it was last seen
   * @return what the store knows now
   * @throws FencedException if another controller has taken over
   */
  Gathered byLastGeneration(Workspace last) {
    Reading reading = ManifestReader.read(last, fence.cluster());
    if (reading instanceof Reading.WellFormed(Manifest manifest)) {
      syncUnlessKnown(manifest);
    }
    return byStoredPolicy(
        new ResourceIdentity(
            fence.cluster(), last.getMetadata().getNamespace(), last.getMetadata().getName()));
  }

  /**
   * By what was last accepted: also where nobody saw the resource go.
   *
   * @return what the store knows now
   * @throws FencedException if another controller has taken over
   */
  Gathered byStoredPolicy(ResourceIdentity identity) {
    return switch (store.retire(fence, identity)) {
      case SyncOutcome.Applied(Gathered gathered) -> gathered;
      case SyncOutcome.Fenced(long currentEpoch) -> throw new FencedException(currentEpoch);
      case SyncOutcome.Conflict(), SyncOutcome.OldGeneration() ->
          throw new IllegalStateException("what is retired depends on nothing else");
    };
  }

  private void syncUnlessKnown(Manifest manifest) {
    Set<ApiKeyDigest> digests =
        manifest.apiKeys().stream().map(DeclaredApiKey::digest).collect(Collectors.toSet());
    SyncOutcome outcome;
    do {
      Gathered gathered = store.gather(manifest.identity(), Optional.of(manifest.slug()), digests);
      boolean unknown = gathered.workspace().filter(it -> !hasDealtWith(it, manifest)).isPresent();
      if (!unknown
          || !(SyncDecision.decide(manifest, Presence.GONE, gathered)
              instanceof SyncDecision.Sync(Manifest own, State state, long expected))) {
        return;
      }
      outcome = store.sync(fence, own, state, expected);
      // A conflict is decided anew, and then is a refusal or none.
    } while (outcome instanceof SyncOutcome.Conflict);
    if (outcome instanceof SyncOutcome.Fenced(long currentEpoch)) {
      throw new FencedException(currentEpoch);
    }
  }

  /** What the REST API changed of the frozen layer since then must stay. */
  private static boolean hasDealtWith(StoredWorkspace workspace, Manifest manifest) {
    return workspace.state() != State.PRESENT
        && workspace.resourceUid().equals(manifest.uid())
        && workspace.resourceGeneration() >= manifest.generation();
  }
}
