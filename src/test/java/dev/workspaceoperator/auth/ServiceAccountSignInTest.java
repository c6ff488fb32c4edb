package dev.workspaceoperator.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.auth.Authenticator.Accepted;
import dev.workspaceoperator.auth.Authenticator.Attempt;
import dev.workspaceoperator.auth.Authenticator.NoWorkspace;
import dev.workspaceoperator.auth.Authenticator.Result;
import dev.workspaceoperator.auth.Authenticator.WorkspaceRequired;
import dev.workspaceoperator.auth.TokenIssuer.Kubernetes;
import dev.workspaceoperator.workspace.Scope;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tokens of two clusters that have the same issuer and the same key id. */
class ServiceAccountSignInTest {
  private static final TokenSigner EAST = TokenSigner.ec("shared-id", 256);
  private static final TokenSigner WEST = TokenSigner.ec("shared-id", 256);

  private final FakeTime time = new FakeTime();
  private final FakeDirectory directory = new FakeDirectory(time);
  private JwksServer east;
  private JwksServer west;
  private CredentialAuthenticator authenticator;

  @BeforeEach
  void start() throws IOException {
    east = new JwksServer();
    west = new JwksServer();
    east.publish(EAST);
    west.publish(WEST);
    authenticator =
        CredentialAuthenticator.create(
            directory,
            List.of(
                Issuers.kubernetes(
                    new Kubernetes("east", Set.of("ml/on-call"), Set.of(Scope.FLEET_READ)), east),
                Issuers.kubernetes("west", west)),
            new SimpleMeterRegistry(),
            time.source(),
            Duration.ofSeconds(5));
  }

  @AfterEach
  void stop() {
    authenticator.close();
    east.close();
    west.close();
  }

  @Test
  void aServiceAccountIsOfTheClusterWhoseKeyVerifies() {
    UUID inEast = directory.workspace("east", "ml", "ml-east");
    UUID inWest = directory.workspace("west", "ml", "ml-west");
    String claims = Issuers.serviceAccount("ml", "agent").json();

    Principal eastern =
        principal(authenticator.authenticate(Attempts.bearer(EAST.token("ES256", claims))));
    Principal western =
        principal(authenticator.authenticate(Attempts.bearer(WEST.token("ES256", claims))));

    assertThat(eastern.actor()).isEqualTo("serviceaccount east/ml/agent");
    assertThat(eastern.workspaceId()).contains(inEast);
    assertThat(eastern.scopes()).containsExactlyInAnyOrder(Scope.WORKSPACE_READ, Scope.RUNS_WRITE);
    assertThat(western.actor()).isEqualTo("serviceaccount west/ml/agent");
    assertThat(western.workspaceId()).contains(inWest);
  }

  @Test
  void anUnreachableClusterDoesNotStandInTheWayOfAnother() {
    directory.workspace("west", "ml", "ml-west");
    east.behave(exchange -> JwksServer.answer(exchange, 500, "no"));

    assertThat(
            authenticator.authenticate(
                Attempts.bearer(WEST.token("ES256", Issuers.serviceAccount("ml", "agent").json()))))
        .isInstanceOf(Accepted.class);
  }

  @Test
  void ofSeveralWorkspacesInANamespaceTheHeaderPicks() {
    directory.workspace("east", "ml", "one");
    UUID two = directory.workspace("east", "ml", "two");
    Attempt attempt =
        Attempts.bearer(EAST.token("ES256", Issuers.serviceAccount("ml", "agent").json()));

    assertThat(authenticator.authenticate(attempt))
        .isInstanceOfSatisfying(
            WorkspaceRequired.class,
            required -> assertThat(required.detail()).contains("Workspace", "one", "two"));
    assertThat(
            principal(authenticator.authenticate(Attempts.forWorkspace("two", attempt)))
                .workspaceId())
        .contains(two);
    assertThat(authenticator.authenticate(Attempts.forWorkspace("three", attempt)))
        .isInstanceOf(NoWorkspace.class);
    UUID three = directory.workspace("east", "ml", "three");
    assertThat(
            principal(authenticator.authenticate(Attempts.forWorkspace("three", attempt)))
                .workspaceId())
        .contains(three);
  }

  @Test
  void anAccountOfTheInstallationHasNoWorkspaceAndIsOfItsClusterOnly() {
    directory.workspace("east", "ml", "ml-east");
    UUID inWest = directory.workspace("west", "ml", "ml-west");
    String claims = Issuers.serviceAccount("ml", "on-call").json();

    Principal fleet =
        principal(authenticator.authenticate(Attempts.bearer(EAST.token("ES256", claims))));
    Principal ofItsName =
        principal(authenticator.authenticate(Attempts.bearer(WEST.token("ES256", claims))));
    Principal beside =
        principal(
            authenticator.authenticate(
                Attempts.bearer(
                    EAST.token("ES256", Issuers.serviceAccount("ml", "on-call-2").json()))));

    assertThat(fleet)
        .isEqualTo(
            new Principal(
                "serviceaccount east/ml/on-call",
                Optional.empty(),
                Set.of(Scope.FLEET_READ),
                Optional.empty()));
    assertThat(ofItsName.workspaceId()).contains(inWest);
    assertThat(ofItsName.scopes()).noneMatch(Scope::isFleet);
    assertThat(beside.scopes()).noneMatch(Scope::isFleet);
  }

  private static Principal principal(Result result) {
    assertThat(result).isInstanceOf(Accepted.class);
    return ((Accepted) result).principal();
  }
}
