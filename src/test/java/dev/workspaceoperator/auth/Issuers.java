package dev.workspaceoperator.auth;

import dev.workspaceoperator.auth.TokenIssuer.ClaimHolds;
import dev.workspaceoperator.auth.TokenIssuer.KeyLocation;
import dev.workspaceoperator.auth.TokenIssuer.Kubernetes;
import dev.workspaceoperator.auth.TokenIssuer.Oidc;
import dev.workspaceoperator.workspace.Scope;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Issuers and claims as most tests want them. */
final class Issuers {
  static final String OIDC = "https://login.example";
  static final String KUBERNETES = "https://kubernetes.default.svc";
  static final String AUDIENCE = "workspace-api";
  static final long NOW = FakeTime.START.getEpochSecond();

  private Issuers() {}

  static TokenIssuer oidc(JwksServer server) {
    return oidc(server, Optional.empty(), Scope.WORKSPACE_READ, Scope.RUNS_WRITE);
  }

  static TokenIssuer oidc(JwksServer server, Optional<String> userClaim, Scope... maxScopes) {
    return oidc(server, userClaim, ClaimHolds.ID_OR_SLUG, maxScopes);
  }

  static TokenIssuer oidc(
      JwksServer server, Optional<String> userClaim, ClaimHolds holds, Scope... maxScopes) {
    return new TokenIssuer(
        OIDC,
        Set.of(AUDIENCE),
        keys(server),
        Set.of(Scope.WORKSPACE_READ),
        Set.of(maxScopes),
        new Oidc(
            List.of(new ClaimName("workspace")),
            holds,
            userClaim.map(ClaimName::new).stream().toList(),
            List.of(new ClaimName("scope"))));
  }

  static TokenIssuer kubernetes(String cluster, JwksServer server) {
    return kubernetes(new Kubernetes(cluster, Set.of(), Set.of()), server);
  }

  static TokenIssuer kubernetes(Kubernetes tenancy, JwksServer server) {
    Set<Scope> scopes = Set.of(Scope.WORKSPACE_READ, Scope.RUNS_WRITE);
    return new TokenIssuer(
        KUBERNETES, Set.of("workspace-operator"), keys(server), scopes, scopes, tenancy);
  }

  private static KeyLocation keys(JwksServer server) {
    return new KeyLocation(
        Optional.of(server.uri()), Optional.empty(), Optional.empty(), Duration.ofHours(24));
  }

  /** Claims of a good token for this workspace, with the given ones in addition or instead. */
  static Claims claims(String workspace) {
    return new Claims()
        .with("iss", OIDC)
        .with("aud", AUDIENCE)
        .with("sub", "alice")
        .with("workspace", workspace)
        .with("iat", NOW - 10)
        .with("exp", NOW + 600);
  }

  /** Claims as kube-apiserver signs them for a ServiceAccount. */
  static Claims serviceAccount(String namespace, String name) {
    return new Claims()
        .with("iss", KUBERNETES)
        .raw("aud", "[\"workspace-operator\"]")
        .with("sub", "system:serviceaccount:" + namespace + ":" + name)
        .raw(
            "kubernetes.io",
            """
            {"namespace":"%s","serviceaccount":{"name":"%s","uid":"0c0ffee0"}}\
            """
                .formatted(namespace, name))
        .with("exp", NOW + 600);
  }
}
