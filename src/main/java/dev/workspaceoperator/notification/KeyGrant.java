package dev.workspaceoperator.notification;

import dev.workspaceoperator.workspace.ResourceIdentity;
import java.util.Set;

/**
 * Whose Workspaces may name a key.
 *
 * @param cluster {@code cluster.name} of theirs
 * @param namespaces those that they are in; empty for nobody's
 */
public record KeyGrant(String cluster, Set<String> namespaces) {
  public KeyGrant {
    namespaces = Set.copyOf(namespaces);
  }

  boolean includes(ResourceIdentity workspace) {
    return workspace.cluster().equals(cluster) && namespaces.contains(workspace.namespace());
  }
}
