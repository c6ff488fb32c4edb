package dev.workspaceoperator.workspace;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * One workspace as the store has it.
 *
 * @param id its identity in the REST API, for ever
 * @param identity its identity in Kubernetes, for ever
 * @param state whether a resource stands behind the declared layer
 * @param resourceUid UID of the resource that was last accepted
 * @param resourceGeneration generation of the resource that was last accepted
 * @param controllerEpoch epoch of the controller that accepted it
 * @param slug no two workspaces have the same; empty once released, as archiving does
 * @param deletionPolicy as last accepted
 * @param layers everything that was said about its settings
 * @param declaredKeys the keys of its manifest that are in force
 * @param notifications the receivers that its manifest names
 * @param revision rises with each change of any layer
 * @param declaredRevision rises with each change of the declared layer, of its keys, slug or state
 * @param auditHead the newest audit row
 * @param usage today's, by the database's clock
 */
public record StoredWorkspace(
    UUID id,
    ResourceIdentity identity,
    State state,
    String resourceUid,
    long resourceGeneration,
    long controllerEpoch,
    Optional<String> slug,
    DeletionPolicy deletionPolicy,
    Layers layers,
    List<DeclaredApiKey> declaredKeys,
    List<DeclaredReceiver> notifications,
    long revision,
    long declaredRevision,
    AuditHead auditHead,
    Usage usage) {
  public StoredWorkspace {
    declaredKeys = List.copyOf(declaredKeys);
    notifications = List.copyOf(notifications);
  }

  /**
   * The slug that a manifest has to have, if it has to: a slug is for ever, until its workspace is
   * archived. The resource that was last accepted may have gone with {@code Delete} unseen, and
   * another one stand in its place.
   */
  public Optional<String> slugBindingOn(Manifest manifest) {
    boolean deletedUnseen =
        deletionPolicy == DeletionPolicy.DELETE && !resourceUid.equals(manifest.uid());
    return slug.filter(_ -> !deletedUnseen);
  }

  /** Whether a resource stands behind the declared layer. */
  public enum State {
    /** A resource exists. */
    PRESENT,
    /** The resource was deleted with {@code Retain}: what it declared stays in force. */
    FROZEN,
    /** The resource was deleted with {@code Delete}: nothing is admitted any more. */
    ARCHIVED;

    /** What a workspace is once its resource is gone. */
    public static State ofDeleted(DeletionPolicy policy) {
      return switch (policy) {
        case RETAIN -> FROZEN;
        case DELETE -> ARCHIVED;
      };
    }
  }
}
