package dev.workspaceoperator.workspace.port;

import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.StoredWorkspace;
import java.util.List;
import java.util.Optional;

/** The administrator's view of every workspace in the store, of every cluster. */
public interface WorkspaceRegistry {
  /** Every workspace, by cluster, namespace and name. */
  List<StoredWorkspace> list();

  /** The workspace that holds this slug, if one does. */
  Optional<StoredWorkspace> findBySlug(String slug);

  /**
   * Archives a workspace whose resource is gone.
   *
   * @param actor who asked, for the audit row
   */
  RegistryOutcome archive(ResourceIdentity identity, String actor);

  /**
   * Frees the slug of a workspace whose resource is gone, so that another workspace may take it.
   *
   * @param actor who asked, for the audit row
   */
  RegistryOutcome releaseSlug(ResourceIdentity identity, String actor);

  /** What became of an administrator's request. */
  enum RegistryOutcome {
    /** Done, or nothing was left to do. */
    DONE,
    /** There is no such workspace. */
    NOT_FOUND,
    /** A resource stands behind it: the manifest decides, so delete the resource first. */
    RESOURCE_PRESENT
  }
}
