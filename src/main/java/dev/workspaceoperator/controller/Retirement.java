package dev.workspaceoperator.controller;

import dev.workspaceoperator.crd.ManifestReader;
import dev.workspaceoperator.crd.Reading;
import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.DeclaredApiKey;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.port.ControllerFence;
import dev.workspaceoperator.workspace.port.DeclaredStore;
import dev.workspaceoperator.workspace.port.Gathered;
import dev.workspaceoperator.workspace.port.SyncOutcome;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What becomes of a workspace whose resource is gone: what was declared last is frozen, or the
 * workspace is archived. Repeating it changes nothing.
 */
final class Retirement {
  private static final int ATTEMPTS_MAX = 10;

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
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      Gathered gathered = store.gather(manifest.identity(), Optional.of(manifest.slug()), digests);
      boolean unknown = gathered.workspace().filter(it -> !hasDealtWith(it, manifest)).isPresent();
      if (!unknown
          || !(SyncDecision.decide(manifest, Presence.GONE, gathered)
              instanceof SyncDecision.Sync(Manifest own, State state, long expected))) {
        return;
      }
      switch (store.sync(fence, own, state, expected)) {
        case SyncOutcome.Applied _, SyncOutcome.OldGeneration _ -> {
          return;
        }
        case SyncOutcome.Fenced(long currentEpoch) -> throw new FencedException(currentEpoch);
        // Decided anew, and then perhaps a refusal or nothing.
        case SyncOutcome.Conflict _ -> {}
      }
    }
    // The framework comes back to it after a pause.
    throw new IllegalStateException(
        manifest.identity() + " is changed by others all the time, and is not retired yet");
  }

  /** What the REST API changed of the frozen layer since then must stay. */
  private static boolean hasDealtWith(StoredWorkspace workspace, Manifest manifest) {
    return workspace.state() != State.PRESENT
        && workspace.resourceUid().equals(manifest.uid())
        && workspace.resourceGeneration() >= manifest.generation();
  }
}
