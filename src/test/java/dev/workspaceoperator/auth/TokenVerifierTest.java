package dev.workspaceoperator.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.auth.CredentialJudgement.Good;
import dev.workspaceoperator.digest.Sha256;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TokenVerifierTest {
  private static final TokenSigner KEY = TokenSigner.ec("ec-1", 256);
  private static final String SOURCE = "192.0.2.1";

  private final FakeTime time = new FakeTime();
  private final KnownGood<String> good = new KnownGood<>(time.source().nanos());
  private JwksServer server;
  private TokenVerifier verifier;

  @BeforeEach
  void start() throws IOException {
    server = new JwksServer();
    List<IssuerKeys> issuers =
        List.of(keys(Issuers.oidc(server)), keys(Issuers.kubernetes("east", server)));
    issuers.forEach(IssuerKeys::refreshIfDue);
    verifier =
        new TokenVerifier(
            issuers,
            new SignInLines(SignInBounds.STANDARD, new SimpleMeterRegistry()),
            good,
            time.source());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /** Else a workspace with many users pushes out what is known of all others. */
  @Test
  void allSubjectsOfAWorkspaceAreOneOfThoseThatAreKnown() {
    Acquaintance alice = standing(Issuers.claims("research").with("sub", "alice"));

    assertThat(alice).isInstanceOf(Acquaintance.Known.class);
    assertThat(standing(Issuers.claims("research").with("sub", "bob"))).isEqualTo(alice);
    assertThat(standing(Issuers.claims("sales").with("sub", "alice")))
        .isInstanceOf(Acquaintance.Known.class)
        .isNotEqualTo(alice);
  }

  @Test
  void allServiceAccountsOfANamespaceAreOneOfThoseThatAreKnown() {
    Acquaintance agent = standing(Issuers.serviceAccount("research", "agent"));

    assertThat(agent).isInstanceOf(Acquaintance.Known.class);
    assertThat(standing(Issuers.serviceAccount("research", "ci"))).isEqualTo(agent);
    assertThat(standing(Issuers.serviceAccount("sales", "agent")))
        .isInstanceOf(Acquaintance.Known.class)
        .isNotEqualTo(agent);
    assertThat(standing(Issuers.claims("research")))
        .as("another issuer's")
        .isInstanceOf(Acquaintance.Known.class)
        .isNotEqualTo(agent);
  }

  /** Of the next token that is the same. */
  private Acquaintance standing(Claims claims) {
    String token = KEY.token("ES256", claims.json());
    assertThat(verifier.verify(token, SOURCE)).isInstanceOf(Good.class);
    return good.standing(HexFormat.of().formatHex(Sha256.of(token.getBytes(UTF_8))), SOURCE);
  }

  private IssuerKeys keys(TokenIssuer issuer) {
    return new IssuerKeys(
        issuer,
        () -> KeySet.read(("{\"keys\":[" + KEY.jwk() + "]}").getBytes(UTF_8)),
        time.source(),
        new IssuerKeys.Listener() {
          @Override
          public void fetched() {}

          @Override
          public void failed() {
            throw new AssertionError("there are keys");
          }
        });
  }
}
