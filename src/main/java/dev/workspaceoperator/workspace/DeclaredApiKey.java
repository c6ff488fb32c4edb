package dev.workspaceoperator.workspace;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/**
 * An API key that a manifest lists.
 *
 * @param name unique within the manifest
 * @param digest the key's SHA-256
 * @param scopes what it may do; no fleet scope
 * @param expiresAt when it ends
 */
public record DeclaredApiKey(
    String name, ApiKeyDigest digest, Set<Scope> scopes, Optional<Instant> expiresAt) {
  public DeclaredApiKey {
    scopes = Set.copyOf(scopes);
    if (scopes.stream().anyMatch(Scope::isFleet)) {
      throw new IllegalArgumentException("a manifest's key cannot have a fleet scope");
    }
  }
}
