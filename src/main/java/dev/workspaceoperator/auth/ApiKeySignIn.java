package dev.workspaceoperator.auth;

import dev.workspaceoperator.auth.Authenticator.Accepted;
import dev.workspaceoperator.auth.Authenticator.Result;
import dev.workspaceoperator.auth.Authenticator.Unauthenticated;
import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.port.WorkspaceDirectory;
import dev.workspaceoperator.workspace.port.WorkspaceDirectory.KeyHolder;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Judges API keys. A key is found by its SHA-256, so nothing secret is ever compared, and how long
 * it takes tells nothing about another key.
 */
final class ApiKeySignIn {
  private final FreshLookups<ApiKeyDigest, KeyHolder> holders;
  private final TimeSource time;

  ApiKeySignIn(WorkspaceDirectory directory, SignInLines lines, TimeSource time) {
    this.holders = new FreshLookups<>(directory::keyHolder, ApiKeySignIn::owner, lines, time);
    this.time = time;
  }

  Result signIn(ApiKey key, String source) {
    ApiKeyDigest digest = key.digest();
    return holders
        .recent(digest)
        .filter(this::stillValid)
        .or(() -> holders.ask(digest, source))
        .<Result>map(holder -> new Accepted(principal(holder), holder.expiresAt()))
        .orElseGet(() ->
            new Unauthenticated(
                "This API key is unknown, was revoked or has expired. Use another, or make a"
                    + " new one with POST /v1/api-keys or in the manifest's spec.apiKeys.",
                true));
  }

  /** Forgets what was looked up, because a key may have been revoked. */
  void forget() {
    holders.forget();
  }

  /** The same of these alone. */
  void forget(Set<ApiKeyDigest> revoked) {
    holders.forget(revoked);
  }

  private static String owner(KeyHolder holder) {
    return holder.workspaceId().map(UUID::toString).orElse(Principal.INSTALLATION);
  }

  /** At a key's end this clock only sends the question to the store, whose clock decides. */
  private boolean stillValid(KeyHolder holder) {
    return holder.expiresAt().map(end -> time.instant().isBefore(end)).orElse(true);
  }

  private static Principal principal(KeyHolder holder) {
    return new Principal(
        holder.workspaceId().isPresent()
            ? ActorNames.apiKey(holder.name())
            : ActorNames.fleetApiKey(holder.name()),
        holder.workspaceId(),
        holder.scopes(),
        Optional.empty());
  }
}
