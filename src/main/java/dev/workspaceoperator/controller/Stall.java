package dev.workspaceoperator.controller;

import dev.workspaceoperator.crd.Violation;
import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.DeclaredApiKey;
import dev.workspaceoperator.workspace.Manifest;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Something that a manifest asks for is not in force, and waiting alone will not help.
 *
 * @param reason why
 * @param message what to do about it, in full sentences
 */
public record Stall(Reason reason, String message) {
  /** The manifest is not well-formed. */
  static Stall ofViolations(List<Violation> violations) {
    return new Stall(
        Reason.INVALID_SPEC,
        violations.stream().map(Violation::toString).collect(Collectors.joining(" "))
            + " Nothing of this generation is applied.");
  }

  /** The manifest lists keys that belong to somebody else; empty if it lists none. */
  static Optional<Stall> ofForeignKeys(Manifest manifest, Set<ApiKeyDigest> foreign) {
    List<String> names =
        manifest.apiKeys().stream()
            .filter(key -> foreign.contains(key.digest()))
            .map(DeclaredApiKey::name)
            .toList();
    return names.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Stall(
                Reason.API_KEY_TAKEN,
                "Ignored, because the same key is in use elsewhere: spec.apiKeys %s. Make a new key; everything else of this manifest is in force."
                    .formatted(names)));
  }
}
