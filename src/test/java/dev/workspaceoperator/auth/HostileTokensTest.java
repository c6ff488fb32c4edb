package dev.workspaceoperator.auth;

import static dev.workspaceoperator.auth.HostileTokens.CLUSTER;
import static dev.workspaceoperator.auth.HostileTokens.EC;
import static dev.workspaceoperator.auth.HostileTokens.ED;
import static dev.workspaceoperator.auth.HostileTokens.ENCRYPTION;
import static dev.workspaceoperator.auth.HostileTokens.FOREIGN;
import static dev.workspaceoperator.auth.HostileTokens.RSA;
import static dev.workspaceoperator.auth.HostileTokens.WEAK;
import static dev.workspaceoperator.auth.HostileTokens.good;
import static dev.workspaceoperator.auth.TokenSigner.base64;
import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.auth.Authenticator.Accepted;
import dev.workspaceoperator.auth.Authenticator.Ambiguous;
import dev.workspaceoperator.auth.Authenticator.Attempt;
import dev.workspaceoperator.auth.Authenticator.NoWorkspace;
import dev.workspaceoperator.auth.Authenticator.Result;
import dev.workspaceoperator.auth.Authenticator.TooManyFailures;
import dev.workspaceoperator.auth.Authenticator.Unauthenticated;
import dev.workspaceoperator.auth.Authenticator.WorkspaceRequired;
import dev.workspaceoperator.workspace.Scope;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every forged, broken or misused credential that we could think of is refused, each in good order.
 */
class HostileTokensTest {

  private static final FakeTime TIME = new FakeTime();
  private static final FakeDirectory DIRECTORY = new FakeDirectory(TIME);
  private static final UUID WORKSPACE = DIRECTORY.workspace("research");
  private static final UUID OTHER = DIRECTORY.workspace("finance");

  private static JwksServer server;
  private static JwksServer clusterServer;
  private static JwksServer attacker;
  private static CredentialAuthenticator authenticator;

  private final Map<String, Attempt> table = new LinkedHashMap<>();

  @BeforeAll
  static void start() throws IOException {
    server = new JwksServer();
    clusterServer = new JwksServer();
    attacker = new JwksServer();
    String encryption = ENCRYPTION.jwk().replaceFirst("\\{", "{\"use\":\"enc\",");
    server.publish(
        "{\"keys\":[%s]}"
            .formatted(String.join(",", RSA.jwk(), EC.jwk(), ED.jwk(), WEAK.jwk(), encryption)));
    clusterServer.publish(CLUSTER);
    attacker.publish(FOREIGN);
    DIRECTORY.workspace("east", "ml", "ml-ws");
    authenticator =
        CredentialAuthenticator.create(
            DIRECTORY,
            List.of(Issuers.oidc(server), Issuers.kubernetes("east", clusterServer)),
            new SimpleMeterRegistry(),
            TIME.source(),
            Duration.ofSeconds(5));
  }

  @AfterAll
  static void stop() {
    authenticator.close();
    server.close();
    clusterServer.close();
    attacker.close();
  }

  static Stream<Arguments> hostile() {
    HostileTokensTest forger = new HostileTokensTest();
    new HostileTokens(forger::bearer, attacker.uri(), OTHER).forge();
    forger.serviceAccounts();
    forger.apiKeys();
    forger.schemes();
    assertThat(forger.table).hasSizeGreaterThanOrEqualTo(60);
    // Each from an address of its own: none is refused for what the others have failed.
    AtomicInteger number = new AtomicInteger();
    return forger.table.entrySet().stream()
        .map(row ->
            Arguments.of(
                row.getKey(),
                Attempts.from("192.0.2." + number.getAndIncrement(), row.getValue())));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hostile")
  void aHostileCredentialIsRefusedAndBreaksNothing(String name, Attempt attempt) {
    Result result = authenticator.authenticate(attempt);

    assertThat(result).isNotInstanceOf(Accepted.class).isNotInstanceOf(TooManyFailures.class);
    assertThat(detail(result)).hasSizeBetween(20, 400);
    credentials(attempt).forEach(secret -> assertThat(result.toString()).doesNotContain(secret));
    assertThat(attacker.requests()).as("addresses within tokens are never asked").isZero();
  }

  /** What the hostile ones are made from; otherwise their refusal would say nothing. */
  @Test
  void theGoodOnesAreAccepted() {
    assertThat(
            List.of(
                RSA.token("RS256", good().json()),
                EC.token("ES256", good().json()),
                ED.token("EdDSA", good().json()),
                CLUSTER.token("RS256", Issuers.serviceAccount("ml", "agent").json())))
        .allSatisfy(token ->
            assertThat(authenticator.authenticate(Attempts.bearer(token)))
                .isInstanceOf(Accepted.class));
  }

  private void serviceAccounts() {
    account(
        "namespace edited, sub not",
        Issuers.serviceAccount("ml", "agent").with("sub", "system:serviceaccount:finance:agent"));
    account(
        "no namespace",
        Issuers.serviceAccount("ml", "agent")
            .raw("kubernetes.io", "{\"serviceaccount\":{\"name\":\"agent\"}}"));
    account("no kubernetes.io", Issuers.serviceAccount("ml", "agent").without("kubernetes.io"));
    account(
        "kubernetes.io as text", Issuers.serviceAccount("ml", "agent").with("kubernetes.io", "ml"));
    account(
        "audience of the API server",
        Issuers.serviceAccount("ml", "agent").with("aud", Issuers.KUBERNETES));
    account(
        "account of a namespace without workspaces", Issuers.serviceAccount("kube-system", "x"));
    account(
        "user instead of an account", Issuers.serviceAccount("ml", "agent").with("sub", "admin"));
    account(
        "legacy account token that never ends",
        Issuers.serviceAccount("ml", "agent").without("exp"));
    table.put(
        "account that picks another namespace's workspace",
        Attempts.forWorkspace(
            "finance",
            Attempts.bearer(CLUSTER.token("RS256", Issuers.serviceAccount("ml", "agent").json()))));
  }

  private void apiKeys() {
    String key = DIRECTORY.key(WORKSPACE, Optional.empty(), Scope.WORKSPACE_READ).reveal();
    ApiKey revoked = DIRECTORY.key(WORKSPACE, Optional.empty(), Scope.WORKSPACE_READ);
    DIRECTORY.revoke(revoked);
    char last = key.charAt(30) == 'a' ? 'b' : 'a';
    bearer("API key mistyped", key.substring(0, 30) + last + key.substring(31));
    bearer("API key in upper case", key.toUpperCase(Locale.ROOT));
    bearer("API key cut", key.substring(0, 52));
    bearer("API key twice in one", key + key);
    bearer("API key unknown", ApiKey.generate(new SecureRandom()).reveal());
    bearer("API key revoked", revoked.reveal());
    bearer(
        "API key expired",
        DIRECTORY.key(WORKSPACE, Optional.of(FakeTime.START), Scope.WORKSPACE_READ).reveal());
    bearer("API key's digest", ApiKey.parse(key).orElseThrow().digest().hex());
    keyHeader("X-API-Key with Bearer", "Bearer " + key);
    keyHeader("X-API-Key with a token", RSA.token("RS256", good().json()));
    keyHeader("X-API-Key empty", "");
    keyHeader("X-API-Key with a space", key + " ");
    keyHeader("X-API-Key of SQL", "wsk_' OR '1'='1");
  }

  private void schemes() {
    String key = DIRECTORY.key(WORKSPACE, Optional.empty(), Scope.WORKSPACE_READ).reveal();
    String token = RSA.token("RS256", good().json());
    table.put("no credential", Attempts.authorization());
    table.put("Authorization empty", Attempts.authorization(""));
    table.put("Basic", Attempts.authorization("Basic " + base64("alice:" + key)));
    table.put("Token", Attempts.authorization("Token " + token));
    table.put("no scheme", Attempts.authorization(token));
    table.put("Bearer without a credential", Attempts.authorization("Bearer"));
    table.put("Bearer with a tab", Attempts.authorization("Bearer\t" + token));
    table.put("Bearer: with a colon", Attempts.authorization("Bearer: " + token));
    table.put(
        "key and token",
        new Attempt(List.of("Bearer " + token), List.of(key), Optional.empty(), "a"));
    table.put("two tokens", Attempts.authorization("Bearer " + token, "Bearer " + token));
    table.put("two keys", new Attempt(List.of(), List.of(key, key), Optional.empty(), "a"));
  }

  private void bearer(String name, String token) {
    assertThat(table.put(name, Attempts.bearer(token))).as(name).isNull();
  }

  private void account(String name, Claims claims) {
    bearer("ServiceAccount: " + name, CLUSTER.token("RS256", claims.json()));
  }

  private void keyHeader(String name, String key) {
    table.put(name, new Attempt(List.of(), List.of(key), Optional.empty(), "a"));
  }

  private static List<String> credentials(Attempt attempt) {
    return Stream.concat(attempt.authorization().stream(), attempt.apiKey().stream())
        .map(value -> value.replaceFirst("(?i)^bearer ", ""))
        .filter(value -> value.length() > 10)
        .toList();
  }

  private static String detail(Result result) {
    return switch (result) {
      case Accepted _, TooManyFailures _ -> "";
      case Ambiguous(String detail) -> detail;
      case Unauthenticated(String detail, boolean _) -> detail;
      case WorkspaceRequired(String detail) -> detail;
      case NoWorkspace(String detail) -> detail;
    };
  }
}
