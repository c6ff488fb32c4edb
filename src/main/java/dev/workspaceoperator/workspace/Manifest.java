package dev.workspaceoperator.workspace;

import java.util.List;

/**
 * A well-formed manifest, read into the program's own terms. Whether the plan allows it is not
 * judged yet.
 *
 * @param identity what the workspace is known by
 * @param uid the resource's UID: generations are compared within one UID only
 * @param generation {@code metadata.generation}
 * @param slug the effective slug: {@code spec.slug}, or else {@code metadata.name}
 * @param settings the declared layer
 * @param deletionPolicy what a deletion does
 * @param apiKeys the keys that it lists, unique by name
 * @param notifications the receivers that it lists, unique by name
 */
public record Manifest(
    ResourceIdentity identity,
    String uid,
    long generation,
    String slug,
    DeclaredSettings settings,
    DeletionPolicy deletionPolicy,
    List<DeclaredApiKey> apiKeys,
    List<DeclaredReceiver> notifications) {
  public Manifest {
    apiKeys = List.copyOf(apiKeys);
    notifications = List.copyOf(notifications);
  }
}
