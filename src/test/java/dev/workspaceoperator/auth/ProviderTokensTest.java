package dev.workspaceoperator.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.auth.Authenticator.Accepted;
import dev.workspaceoperator.auth.Authenticator.Result;
import dev.workspaceoperator.auth.TokenIssuer.KeyLocation;
import dev.workspaceoperator.workspace.Scope;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tokens as providers document them sign in by the entries that docs/sign-in.md shows. */
class ProviderTokensTest {
  private static final Pattern ENTRIES =
      Pattern.compile(
          "^```yaml\n(issuers:\n  # Microsoft.*?)^```\n", Pattern.MULTILINE | Pattern.DOTALL);
  private static final TokenSigner KEY = TokenSigner.rsa("provider-1", 2048);

  private static final FakeTime TIME = new FakeTime();
  private static final FakeDirectory DIRECTORY = new FakeDirectory(TIME);
  private static final List<TokenIssuer> ISSUERS = new ArrayList<>();

  private static JwksServer server;
  private static CredentialAuthenticator authenticator;

  @BeforeAll
  static void start(@TempDir Path directory) throws IOException {
    server = new JwksServer();
    server.publish(KEY);
    List<String> mistakes = new ArrayList<>();
    String page = Files.readString(Path.of("docs/sign-in.md"));
    for (MatchResult shown : ENTRIES.matcher(page).results().toList()) {
      Path file = Files.writeString(directory.resolve("issuers.yaml"), shown.group(1));
      IssuerFile.read(file, mistakes::add).forEach(issuer -> ISSUERS.add(withKeysHere(issuer)));
    }
    assertThat(mistakes).isEmpty();
    authenticator =
        CredentialAuthenticator.create(
            DIRECTORY, ISSUERS, new SimpleMeterRegistry(), TIME.source(), Duration.ofSeconds(5));
  }

  @AfterAll
  static void stop() {
    authenticator.close();
    server.close();
  }

  static List<ProviderToken> tokens() {
    return ProviderToken.ALL;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("tokens")
  void aTokenOfTheProviderSignsIn(ProviderToken token) {
    UUID id =
        token.provider().startsWith("Kubernetes")
            ? DIRECTORY.workspace("production", "ml", token.workspace())
            : DIRECTORY.workspace(token.workspace());

    Result result =
        authenticator.authenticate(
            Attempts.bearer(KEY.sign("RS256", token.header(KEY.id()), token.claims(Issuers.NOW))));

    assertThat(result)
        .isInstanceOfSatisfying(
            Accepted.class,
            accepted ->
                assertThat(accepted.principal())
                    .isEqualTo(
                        new Principal(
                            token.actor(),
                            Optional.of(id),
                            Set.copyOf(token.scopes()),
                            token.user())));
  }

  @Test
  void everyEntryOfThePageHasAToken() {
    assertThat(ProviderToken.ALL.stream().map(token -> token.issuer()).distinct())
        .containsExactlyInAnyOrderElementsOf(ISSUERS.stream().map(TokenIssuer::issuer).toList());
    assertThat(ISSUERS)
        .allSatisfy(issuer -> assertThat(issuer.maxScopes()).noneMatch(Scope::isFleet));
  }

  private static TokenIssuer withKeysHere(TokenIssuer issuer) {
    return new TokenIssuer(
        issuer.issuer(),
        issuer.audiences(),
        new KeyLocation(
            Optional.of(server.uri()), Optional.empty(), Optional.empty(), Duration.ofHours(1)),
        issuer.defaultScopes(),
        issuer.maxScopes(),
        issuer.tenancy());
  }
}
