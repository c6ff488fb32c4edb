package dev.workspaceoperator.auth;

import static dev.workspaceoperator.auth.Issuers.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.auth.Authenticator.Accepted;
import dev.workspaceoperator.auth.Authenticator.NoWorkspace;
import dev.workspaceoperator.auth.Authenticator.Result;
import dev.workspaceoperator.auth.Authenticator.Unauthenticated;
import dev.workspaceoperator.auth.TokenIssuer.ClaimHolds;
import dev.workspaceoperator.auth.TokenIssuer.Oidc;
import dev.workspaceoperator.workspace.Scope;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenSignInTest {
  private static final TokenSigner KEY = TokenSigner.ec("ec-1", 256);

  private final FakeTime time = new FakeTime();
  private final FakeDirectory directory = new FakeDirectory(time);
  private JwksServer login;
  private CredentialAuthenticator authenticator;

  @BeforeEach
  void start() throws IOException {
    login = new JwksServer();
    login.publish(KEY);
    authenticator = with(Issuers.oidc(login));
  }

  @AfterEach
  void stop() {
    authenticator.close();
    login.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
        "Ed25519"
      })
  void everyAlgorithmOfTheListIsVerified(String algorithm) {
    TokenSigner key =
        switch (algorithm) {
          case "ES256" -> TokenSigner.ec("k", 256);
          case "ES384" -> TokenSigner.ec("k", 384);
          case "ES512" -> TokenSigner.ec("k", 521);
          case "EdDSA", "Ed25519" -> TokenSigner.ed25519("k");
          default -> TokenSigner.rsa("k", 2048);
        };
    login.publish(key);
    try (CredentialAuthenticator fresh = with(Issuers.oidc(login))) {
      UUID id = directory.workspace("research");

      Result result =
          fresh.authenticate(
              Attempts.bearer(key.token(algorithm, Issuers.claims("research").json())));

      assertThat(principal(result).workspaceId()).contains(id);
    }
  }

  @Test
  void theClaimNamesTheWorkspaceByIdOrSlug() {
    UUID id = directory.workspace("research");

    assertThat(principal(Issuers.claims("research")).workspaceId()).contains(id);
    assertThat(principal(Issuers.claims(id.toString())).workspaceId()).contains(id);
  }

  /** Ten thousand tokens are remembered, and a token may have 16,000 characters. */
  @Test
  void aClaimThatIsLongerThanAnySlugIsNotRememberedWhole() {
    directory.workspace("s".repeat(63));

    assertThat(signIn(Issuers.claims("s".repeat(5_000)))).isInstanceOf(NoWorkspace.class);
    assertThat(new TokenIdentity.Claimed("s".repeat(5_000), ClaimHolds.SLUG).text()).hasSize(64);
  }

  @Test
  void nobodyEntersAWorkspaceByTakingItsIdForASlug() {
    UUID victim = directory.workspace("victim");
    UUID intruder = directory.workspace(victim.toString());

    assertThat(signIn(Issuers.claims(victim.toString()))).isInstanceOf(NoWorkspace.class);
    try (CredentialAuthenticator slugs =
        with(Issuers.oidc(login, Optional.empty(), ClaimHolds.SLUG, Scope.WORKSPACE_READ))) {
      assertThat(
              principal(slugs.authenticate(oidc(Issuers.claims(victim.toString())))).workspaceId())
          .contains(intruder);
    }
    try (CredentialAuthenticator ids =
        with(Issuers.oidc(login, Optional.empty(), ClaimHolds.ID, Scope.WORKSPACE_READ))) {
      assertThat(principal(ids.authenticate(oidc(Issuers.claims(victim.toString())))).workspaceId())
          .contains(victim);
      assertThat(ids.authenticate(oidc(Issuers.claims("victim")))).isInstanceOf(NoWorkspace.class);
    }
  }

  @Test
  void aTokenHasItsOwnScopesWithinThoseOfItsIssuer() {
    directory.workspace("research");

    assertThat(principal(Issuers.claims("research")).scopes())
        .as("none named: the defaults")
        .containsExactly(Scope.WORKSPACE_READ);
    assertThat(
            principal(
                    Issuers.claims("research")
                        .with("scope", "openid runs:write keys:write fleet:write"))
                .scopes())
        .containsExactly(Scope.RUNS_WRITE);
    assertThat(
            principal(Issuers.claims("research").raw("scope", "[\"runs:write\",7,\"x\"]")).scopes())
        .containsExactly(Scope.RUNS_WRITE);
    assertThat(principal(Issuers.claims("research").with("scope", "")).scopes()).isEmpty();
    assertThat(principal(Issuers.claims("research").raw("scope", "7")).scopes()).isEmpty();
  }

  @Test
  void aFleetTokenNeedsAnIssuerThatMayGiveItAndThenNoWorkspace() {
    Claims claims = Issuers.claims("x").without("workspace").with("scope", "fleet:read");

    assertThat(signIn(claims)).isInstanceOf(NoWorkspace.class);
    try (CredentialAuthenticator fleet =
        with(Issuers.oidc(login, Optional.empty(), Scope.FLEET_READ, Scope.WORKSPACE_READ))) {
      Principal principal = principal(fleet.authenticate(oidc(claims)));
      assertThat(principal.scopes()).containsExactly(Scope.FLEET_READ);
      assertThat(principal.workspaceId()).isEmpty();
    }
  }

  @Test
  void whereAnIssuerNamesUsersATokenWithoutOneIsRefused() {
    directory.workspace("research");
    try (CredentialAuthenticator users =
        with(Issuers.oidc(login, Optional.of("email"), Scope.WORKSPACE_READ))) {
      Claims claims = Issuers.claims("research");

      assertThat(
              principal(users.authenticate(oidc(claims.with("email", "a@example.com")))).userId())
          .contains("a@example.com");
      assertThat(
              List.of(
                  Issuers.claims("research"),
                  Issuers.claims("research").with("email", ""),
                  Issuers.claims("research").with("email", "a\\nb"),
                  Issuers.claims("research").with("email", "x".repeat(257)),
                  Issuers.claims("research").raw("email", "[]"),
                  Issuers.claims("research").raw("email", "[7]"),
                  Issuers.claims("research").raw("email", "[[\"a@example.com\"]]"),
                  Issuers.claims("research").raw("email", "[\"a@example.com\",\"b@example.com\"]")))
          .allSatisfy(wrong ->
              assertThat(users.authenticate(oidc(wrong))).isInstanceOf(Unauthenticated.class));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "workspace | \"research\"                              | research",
        "workspace | [\"research\"]                            | research",
        "a.b       | \"research\"                              | research",
        "a         | {\"b\":\"research\"}                      | research",
        "a         | {\"b\":[\"research\"]}                    | research",
        "a.b       | \"research\",\"a\":{\"b\":\"finance\"}     | research",
        "x.y       | {\"z.w\":\"research\"}                    | research",
        "https://example.com/ws | \"research\"                 | research",
        "a         | {\"b\":[\"research\",\"finance\"]}        | ",
        "a         | {\"b\":{\"c\":\"research\"}}              | ",
        "a         | [{\"b\":\"research\"}]                    | ",
        "workspace | []                                        | ",
      })
  void aClaimIsFoundByItsWholeNameOrWithinObjects(String name, String json, String workspace) {
    directory.workspace("research");
    directory.workspace("finance");
    TokenIssuer plain = Issuers.oidc(login);
    List<ClaimName> names =
        Stream.of("workspace", "a.b", "x.y.z.w", "https://example.com/ws")
            .map(ClaimName::new)
            .toList();
    TokenIssuer issuer =
        new TokenIssuer(
            plain.issuer(),
            plain.audiences(),
            plain.keys(),
            plain.defaultScopes(),
            plain.maxScopes(),
            new Oidc(
                names, ClaimHolds.SLUG, List.of(), List.of(new ClaimName("realm_access.roles"))));
    try (CredentialAuthenticator nested = with(issuer)) {
      Result result =
          nested.authenticate(
              oidc(
                  Issuers.claims("x")
                      .without("workspace")
                      .raw("realm_access", "{\"roles\":[\"runs:write\",\"workspace:read x\"]}")
                      .raw(name, json)));

      if (workspace == null) {
        assertThat(result).isNotInstanceOf(Accepted.class);
      } else {
        assertThat(principal(result).workspaceId()).contains(directory.workspace(workspace));
        assertThat(principal(result).scopes())
            .containsExactlyInAnyOrder(Scope.RUNS_WRITE, Scope.WORKSPACE_READ);
      }
    }
  }

  @Test
  void timesMayHaveFractionsAndExponents() {
    directory.workspace("research");

    assertThat(
            List.of(
                Issuers.claims("research").raw("exp", (NOW + 600) + ".5"),
                Issuers.claims("research").raw("exp", "1.7724096E9").raw("nbf", "1772e6"),
                Issuers.claims("research").raw("exp", (NOW + 600) + ".000"),
                Issuers.claims("research").raw("nbf", "0.0"),
                Issuers.claims("research").raw("nbf", "1e-999999999"),
                Issuers.claims("research").raw("iat", (NOW - 1) + ".123456"),
                Issuers.claims("research").raw("exp", (NOW - 60) + ".000000001")))
        .allSatisfy(claims -> assertThat(signIn(claims)).isInstanceOf(Accepted.class));
  }

  @Test
  void aTokenThatWasIssuedInTheFutureIsNotRefusedForThat() {
    directory.workspace("research");

    assertThat(signIn(Issuers.claims("research").with("iat", NOW + 3600)))
        .isInstanceOf(Accepted.class);
  }

  @Test
  void theActorIsBoundedAndPrintable() {
    directory.workspace("research");

    assertThat(principal(Issuers.claims("research")).actor())
        .isEqualTo("jwt https://login.example alice");
    assertThat(
            principal(
                    Issuers.claims("research")
                        .with("sub", "a\\u0000\\n\\u202e\\ud800" + "b".repeat(5000)))
                .actor())
        .startsWith("jwt https://login.example a\uFFFD\uFFFD\uFFFD\uFFFDbbb")
        .hasSizeLessThan(600);
  }

  @Test
  void aMinuteOfSkewIsForgiven() {
    directory.workspace("research");

    assertThat(signIn(Issuers.claims("research").with("exp", NOW - 59)))
        .isInstanceOf(Accepted.class);
    assertThat(signIn(Issuers.claims("research").with("nbf", NOW + 60).with("iat", NOW + 60)))
        .isInstanceOf(Accepted.class);
  }

  @Test
  void aTokenThatWasJustAcceptedStillEnds() {
    directory.workspace("research");
    Claims claims = Issuers.claims("research").with("exp", NOW - 30);
    String token = KEY.token("ES256", claims.json());

    assertThat(authenticator.authenticate(Attempts.bearer(token))).isInstanceOf(Accepted.class);
    time.pass(Duration.ofSeconds(29));
    assertThat(authenticator.authenticate(Attempts.bearer(token))).isInstanceOf(Accepted.class);
    time.pass(Duration.ofSeconds(1));
    assertThat(authenticator.authenticate(Attempts.bearer(token)))
        .isInstanceOf(Unauthenticated.class);
  }

  @Test
  void anAcceptedTokenIsRefusedOnceItsKeyIsWithdrawn() {
    directory.workspace("research");
    String token = KEY.token("ES256", Issuers.claims("research").json());
    assertThat(authenticator.authenticate(Attempts.bearer(token))).isInstanceOf(Accepted.class);
    TokenSigner next = TokenSigner.ec("ec-2", 256);
    login.publish(next);

    time.pass(IssuerKeys.FETCH_INTERVAL);
    assertThat(
            authenticator.authenticate(
                Attempts.bearer(next.token("ES256", Issuers.claims("research").json()))))
        .isInstanceOf(Accepted.class);

    assertThat(authenticator.authenticate(Attempts.bearer(token)))
        .isInstanceOf(Unauthenticated.class);
  }

  private CredentialAuthenticator with(TokenIssuer... issuers) {
    return CredentialAuthenticator.create(
        directory,
        List.of(issuers),
        new SimpleMeterRegistry(),
        time.source(),
        Duration.ofSeconds(5));
  }

  private static Authenticator.Attempt oidc(Claims claims) {
    return Attempts.bearer(KEY.token("ES256", claims.json()));
  }

  private Result signIn(Claims claims) {
    return authenticator.authenticate(oidc(claims));
  }

  private Principal principal(Claims claims) {
    return principal(signIn(claims));
  }

  private static Principal principal(Result result) {
    assertThat(result).isInstanceOf(Accepted.class);
    return ((Accepted) result).principal();
  }
}
