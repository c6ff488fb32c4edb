package dev.workspaceoperator.app;

import dev.workspaceoperator.auth.ApiKey;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.AuditChain;
import dev.workspaceoperator.store.PostgresApiKeys;
import dev.workspaceoperator.store.PostgresWorkspaceRegistry;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.port.Actor;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Run mode's API key, with every scope that a workspace's key can have. Made once and kept, because
 * a key cannot be read from the store.
 */
record RunKey(RunFile kept) {

  /** The key of the workspace that holds this slug. */
  String of(String slug, DatabaseSettings settings) throws IOException {
    Optional<String> earlier = kept.read();
    try (Database database = Database.open(settings)) {
      var workspace =
          new PostgresWorkspaceRegistry(database, AuditChain.unkeyed())
              .findBySlug(slug)
              .orElseThrow(() -> new IllegalStateException(slug + " is Ready but not stored"));
      String marker = workspace.id() + " ";
      if (earlier.isPresent() && earlier.get().startsWith(marker)) {
        return earlier.get().substring(marker.length()).strip();
      }
      ApiKey key = ApiKey.generate(new SecureRandom());
      Set<Scope> scopes =
          Arrays.stream(Scope.values())
              .filter(scope -> !scope.isFleet())
              .collect(Collectors.toSet());
      var made =
          new PostgresApiKeys(database, AuditChain.unkeyed())
              .create(
                  workspace.id(),
                  "run",
                  key.digest(),
                  scopes,
                  Optional.empty(),
                  Optional.empty(),
                  new Actor("run mode", Optional.empty()));
      if (made instanceof Outcome.Refused<?>(Refusal refusal)) {
        throw new IllegalStateException("no key for " + slug + ": " + refusal);
      }
      kept.write(marker + key.reveal());
      return key.reveal();
    }
  }
}
