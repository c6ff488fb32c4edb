package dev.workspaceoperator.auth;

import dev.workspaceoperator.auth.Authenticator.Accepted;
import dev.workspaceoperator.auth.Authenticator.NoWorkspace;
import dev.workspaceoperator.auth.Authenticator.Result;
import dev.workspaceoperator.auth.Authenticator.WorkspaceRequired;
import dev.workspaceoperator.auth.TokenIdentity.Claimed;
import dev.workspaceoperator.auth.TokenIdentity.Namespace;
import dev.workspaceoperator.auth.TokenIdentity.Nowhere;
import dev.workspaceoperator.auth.TokenIssuer.ClaimHolds;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.port.WorkspaceDirectory;
import dev.workspaceoperator.workspace.port.WorkspaceDirectory.Line;
import dev.workspaceoperator.workspace.port.WorkspaceDirectory.Member;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Finds the workspace of a token whose holder is known. */
final class TokenSignIn {
  private static final Pattern ID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private final WorkspaceDirectory directory;
  private final FreshLookups<Claimed, UUID> claims;
  private final FreshLookups<Namespace, List<Member>> namespaces;

  TokenSignIn(WorkspaceDirectory directory, SignInLines lines, TimeSource time) {
    this.directory = directory;
    this.claims = new FreshLookups<>(this::lookUp, UUID::toString, lines, time);
    this.namespaces =
        new FreshLookups<>(
            (namespace, line) ->
                Optional.of(directory.inNamespace(namespace.cluster(), namespace.name(), line))
                    .filter(members -> !members.isEmpty()),
            members -> members.getFirst().workspaceId().toString(),
            lines,
            time);
  }

  /**
   * The answer to the request.
   *
   * @param slug which of several workspaces is meant
   * @param source where it comes from
   */
  Result signIn(TokenIdentity identity, Optional<String> slug, String source) {
    return switch (identity.home()) {
      case Nowhere _ ->
          identity.scopes().stream().anyMatch(Scope::isFleet)
              ? accepted(identity, Optional.empty())
              : new NoWorkspace("The token does not name a workspace.");
      case Claimed claimed -> inClaimed(identity, claimed, source);
      case Namespace namespace -> inNamespace(identity, namespace, slug, source);
    };
  }

  /** Forgets what was looked up, because a slug may have gone to another workspace. */
  void forget() {
    claims.forget();
    namespaces.forget();
  }

  private Result inClaimed(TokenIdentity identity, Claimed claimed, String source) {
    return claims
        .recent(claimed)
        .or(() -> claims.ask(claimed, source))
        .map(id -> accepted(identity, Optional.of(id)))
        .orElseGet(() -> new NoWorkspace("There is no workspace that the token's claim names."));
  }

  /**
   * A slug may have the form of an id. Where a claim may hold either, one that would mean two
   * workspaces means none: nobody gets into a workspace by taking its id for a slug.
   */
  private Optional<UUID> lookUp(Claimed claimed, Line line) {
    boolean idForm = ID.matcher(claimed.text()).matches();
    Optional<UUID> ofId =
        idForm && claimed.holds() != ClaimHolds.SLUG
            ? directory.withId(UUID.fromString(claimed.text()), line)
            : Optional.empty();
    Optional<UUID> ofSlug =
        claimed.holds() == ClaimHolds.ID
            ? Optional.empty()
            : directory.withSlug(claimed.text(), line);
    return ofId.isPresent() && ofSlug.isPresent() && !ofId.equals(ofSlug)
        ? Optional.empty()
        : ofId.or(() -> ofSlug);
  }

  /** A "no" is only ever given on a fresh answer. */
  private Result inNamespace(
      TokenIdentity identity, Namespace namespace, Optional<String> slug, String source) {
    Optional<Member> recent = namespaces.recent(namespace).flatMap(members -> pick(members, slug));
    if (recent.isPresent()) {
      return accepted(identity, Optional.of(recent.get().workspaceId()));
    }
    List<Member> members = namespaces.ask(namespace, source).orElse(List.of());
    if (members.isEmpty()) {
      return new NoWorkspace(
          "There is no workspace in the token's namespace, %s. Create one there."
              .formatted(namespace.name()));
    }
    return pick(members, slug)
        .map(member -> accepted(identity, Optional.of(member.workspaceId())))
        .orElseGet(() -> notPicked(namespace, members, slug));
  }

  private static Optional<Member> pick(List<Member> members, Optional<String> slug) {
    List<Member> picked =
        members.stream()
            .filter(member -> slug.isEmpty() || slug.get().equals(member.slug()))
            .toList();
    return picked.size() == 1 ? Optional.of(picked.getFirst()) : Optional.empty();
  }

  private static Result notPicked(
      Namespace namespace, List<Member> members, Optional<String> slug) {
    String slugs =
        members.stream().map(Member::slug).sorted().limit(20).collect(Collectors.joining(", "));
    return slug.isEmpty()
        ? new WorkspaceRequired(
            "The token's namespace, %s, has several workspaces. Pick one with the header Workspace: %s."
                .formatted(namespace.name(), slugs))
        : new NoWorkspace(
            "The token's namespace, %s, has no workspace of the slug that the header Workspace names. It has: %s."
                .formatted(namespace.name(), slugs));
  }

  private static Result accepted(TokenIdentity identity, Optional<UUID> workspaceId) {
    return new Accepted(
        new Principal(identity.actor(), workspaceId, identity.scopes(), identity.userId()),
        Optional.empty());
  }
}
