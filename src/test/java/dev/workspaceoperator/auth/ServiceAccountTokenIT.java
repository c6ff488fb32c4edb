package dev.workspaceoperator.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.auth.Authenticator.Accepted;
import dev.workspaceoperator.auth.Authenticator.NoWorkspace;
import dev.workspaceoperator.auth.Authenticator.Result;
import dev.workspaceoperator.auth.Authenticator.Unauthenticated;
import dev.workspaceoperator.auth.Authenticator.WorkspaceRequired;
import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.SharedKubeApiServer;
import dev.workspaceoperator.workspace.Scope;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tokens that the real kube-apiserver issued by TokenRequest, checked with the keys it publishes.
 */
class ServiceAccountTokenIT {
  private static final String NAMESPACE = "token-it";
  private static final FakeDirectory DIRECTORY = new FakeDirectory(new FakeTime());

  @TempDir private static Path files;
  private static KubeApiServer server;
  private static CredentialAuthenticator authenticator;

  @BeforeAll
  static void start() throws Exception {
    server = SharedKubeApiServer.get();
    server
        .kubectlWithInput(
            """
            apiVersion: v1
            kind: Namespace
            metadata: {name: token-it}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: agent, namespace: token-it}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: key-reader, namespace: token-it}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: token-it-key-reader}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "system:service-account-issuer-discovery"}
            subjects: [{kind: ServiceAccount, name: key-reader, namespace: token-it}]
            """,
            "apply",
            "--server-side",
            "-f",
            "-")
        .orThrow();
    authenticator =
        CredentialAuthenticator.create(
            DIRECTORY, List.of(issuer(token("key-reader"))), new SimpleMeterRegistry());
  }

  @AfterAll
  static void stop() {
    authenticator.close();
  }

  @Test
  void aServiceAccountIsLetIntoTheWorkspaceOfItsNamespace() throws Exception {
    String token = token("agent", "--audience=workspace-operator");
    assertThat(signIn(token)).isInstanceOf(NoWorkspace.class);

    UUID first = DIRECTORY.workspace("default", NAMESPACE, "first");
    assertThat(signIn(token))
        .isEqualTo(
            new Accepted(
                new Principal(
                    "serviceaccount default/token-it/agent",
                    Optional.of(first),
                    Set.of(Scope.WORKSPACE_READ, Scope.RUNS_WRITE),
                    Optional.empty()),
                Optional.empty()));

    UUID second = DIRECTORY.workspace("default", NAMESPACE, "second");
    authenticator.freed();
    assertThat(signIn(token)).isInstanceOf(WorkspaceRequired.class);
    assertThat(authenticator.authenticate(Attempts.forWorkspace("second", Attempts.bearer(token))))
        .isInstanceOfSatisfying(
            Accepted.class,
            accepted -> assertThat(accepted.principal().workspaceId()).contains(second));
  }

  @Test
  void aTokenForTheApiServerItselfIsRefused() throws Exception {
    assertThat(signIn(token("agent")))
        .isInstanceOfSatisfying(
            Unauthenticated.class, refused -> assertThat(refused.detail()).contains("audience"));
  }

  @Test
  void anEditedTokenIsRefused() throws Exception {
    String token = token("agent", "--audience=workspace-operator");
    String edited =
        new String(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]), StandardCharsets.UTF_8)
            .replace(NAMESPACE, "kube-system");

    assertThat(
            signIn(
                token.split("\\.", -1)[0]
                    + "."
                    + TokenSigner.base64(edited)
                    + "."
                    + token.split("\\.", -1)[2]))
        .isInstanceOfSatisfying(
            Unauthenticated.class, refused -> assertThat(refused.detail()).contains("signature"));
  }

  @Test
  void withoutATokenForTheKeysNothingIsAccepted() throws Exception {
    String token = token("agent", "--audience=workspace-operator");
    try (CredentialAuthenticator without =
        CredentialAuthenticator.create(
            DIRECTORY, List.of(issuer("not-a-token")), new SimpleMeterRegistry())) {
      assertThat(without.authenticate(Attempts.bearer(token)))
          .isInstanceOfSatisfying(
              Unauthenticated.class,
              refused -> assertThat(refused.detail()).contains("cannot be fetched"));
    }
  }

  private static TokenIssuer issuer(String tokenForKeys) throws IOException {
    Path tokenFile = Files.writeString(Files.createTempFile(files, "token", ""), tokenForKeys);
    Path file =
        Files.writeString(
            Files.createTempFile(files, "issuers", ".yaml"),
            """
            issuers:
              - kind: kubernetes
                cluster: default
                issuer: %s
                jwksUri: %s/openid/v1/jwks
                caFile: %s
                tokenFile: %s
            """
                .formatted(
                    server.url(),
                    server.url(),
                    server.spec().dataDirectory().resolve("apiserver.crt"),
                    tokenFile));
    List<String> mistakes = new ArrayList<>();
    List<TokenIssuer> issuers = IssuerFile.read(file, mistakes::add);
    assertThat(mistakes).isEmpty();
    return issuers.getFirst();
  }

  private static String token(String account, String... options) throws InterruptedException {
    List<String> command =
        new ArrayList<>(List.of("create", "token", account, "--namespace=" + NAMESPACE));
    command.addAll(List.of(options));
    return server.kubectl(command.toArray(String[]::new)).orThrow().strip();
  }

  private static Result signIn(String token) {
    return authenticator.authenticate(Attempts.bearer(token));
  }
}
