package dev.workspaceoperator.workspace;

/**
 * What a workspace is known by, for ever: a re-created resource is the same workspace (design.md
 * §4).
 *
 * @param cluster {@code cluster.name} of the installation that manages it
 * @param namespace the resource's namespace
 * @param name the resource's name
 */
public record ResourceIdentity(String cluster, String namespace, String name) {
  /** {@code namespace/name}, as kubectl users know it. */
  public String namespacedName() {
    return namespace + "/" + name;
  }

  /** {@code cluster/namespace/name}. */
  @Override
  public String toString() {
    return cluster + "/" + namespace + "/" + name;
  }
}
