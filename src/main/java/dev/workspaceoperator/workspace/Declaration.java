package dev.workspaceoperator.workspace;

import java.util.List;

/**
 * All that a manifest says and that can give a workspace more.
 *
 * @param settings the declared layer
 * @param deletionPolicy what a deletion does
 * @param apiKeys the keys that it lists, unique by name and by digest
 */
public record Declaration(
    DeclaredSettings settings, DeletionPolicy deletionPolicy, List<DeclaredApiKey> apiKeys) {
  public Declaration {
    apiKeys = List.copyOf(apiKeys);
  }

  /** The part of a manifest that is judged. */
  public static Declaration of(Manifest manifest) {
    return new Declaration(manifest.settings(), manifest.deletionPolicy(), manifest.apiKeys());
  }

  public Plan plan() {
    return settings.plan();
  }
}
