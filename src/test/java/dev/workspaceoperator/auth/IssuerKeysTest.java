package dev.workspaceoperator.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import dev.workspaceoperator.auth.Authenticator.Accepted;
import dev.workspaceoperator.auth.Authenticator.Result;
import dev.workspaceoperator.auth.Authenticator.Unauthenticated;
import dev.workspaceoperator.auth.TokenIssuer.KeyLocation;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IssuerKeysTest {
  private static final TokenSigner FIRST = TokenSigner.ec("first", 256);
  private static final TokenSigner SECOND = TokenSigner.ec("second", 256);
  private static final Duration FETCH_TIMEOUT = Duration.ofSeconds(2);

  private final FakeTime time = new FakeTime();
  private final FakeDirectory directory = new FakeDirectory(time);
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private JwksServer server;
  private CredentialAuthenticator authenticator;
  @TempDir private Path files;

  @BeforeEach
  void start() throws IOException {
    directory.workspace("research");
    server = new JwksServer();
    server.publish(FIRST);
    authenticator = with(Issuers.oidc(server));
    await().until(() -> fetches("fetched") == 1);
  }

  @AfterEach
  void stop() {
    authenticator.close();
    server.close();
  }

  @Test
  void aNewKeyIsKnownWithItsFirstToken() {
    server.publish(FIRST, SECOND);
    time.pass(IssuerKeys.FETCH_INTERVAL);

    assertThat(signIn(SECOND)).isInstanceOf(Accepted.class);
    assertThat(signIn(FIRST)).isInstanceOf(Accepted.class);
  }

  @Test
  void aNewKeyOfAnOldNameIsKnownWithItsFirstToken() {
    TokenSigner renewed = TokenSigner.ec("first", 256);
    server.publish(renewed);
    time.pass(IssuerKeys.FETCH_INTERVAL);

    assertThat(signIn(renewed)).isInstanceOf(Accepted.class);
    assertThat(signIn(FIRST)).as("withdrawn").isInstanceOf(Unauthenticated.class);
  }

  @Test
  void forgedTokensOfAKnownKeyCauseOneFetchInTenSecondsAndCountAgainstTheirSource() {
    TokenSigner forger = TokenSigner.ec("first", 256);
    time.pass(IssuerKeys.FETCH_INTERVAL);
    for (int i = 0; i < FailedAttempts.LIMIT; i++) {
      assertThat(signIn(forger)).isInstanceOf(Unauthenticated.class);
    }
    assertThat(server.requests()).isEqualTo(2);
    assertThat(signIn(forger)).isInstanceOf(Authenticator.TooManyFailures.class);
    assertThat(signIn(FIRST)).isInstanceOf(Accepted.class);
    assertThat(server.requests()).isEqualTo(2);
  }

  @Test
  void unknownKeysCauseOneFetchInTenSecondsHoweverManyTokensCome() {
    time.pass(IssuerKeys.FETCH_INTERVAL);
    for (int i = 0; i < 50; i++) {
      assertThat(signIn(TokenSigner.ec("unknown-" + i, 256))).isInstanceOf(Unauthenticated.class);
    }
    assertThat(server.requests()).isEqualTo(2);

    time.pass(IssuerKeys.FETCH_INTERVAL);
    signIn(SECOND);
    assertThat(server.requests()).isEqualTo(3);
  }

  @Test
  void tokensOfAnUnknownKeyThatComeTogetherShareOneFetch() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    server.publish(FIRST, SECOND);
    String both = "{\"keys\":[%s,%s]}".formatted(FIRST.jwk(), SECOND.jwk());
    server.behave(exchange -> {
      awaitLatch(answer);
      JwksServer.answer(exchange, 200, both);
    });
    time.pass(IssuerKeys.FETCH_INTERVAL);

    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Result>> results = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        results.add(threads.submit(() -> signIn(SECOND)));
      }
      await().until(() -> server.requests() == 2);
      assertThat(signIn(FIRST)).as("known keys do not wait").isInstanceOf(Accepted.class);
      answer.countDown();
      for (Future<Result> result : results) {
        assertThat(result.get(10, TimeUnit.SECONDS)).isInstanceOf(Accepted.class);
      }
    }
    assertThat(server.requests()).isEqualTo(2);
  }

  @Test
  void oldKeysOutliveAnOutageForADayAndThenNothingIsAccepted() {
    server.behave(exchange -> JwksServer.answer(exchange, 503, "down"));
    time.pass(Duration.ofHours(24).minusNanos(1));

    assertThat(signInLate(FIRST)).isInstanceOf(Accepted.class);
    time.pass(Duration.ofNanos(1));
    assertThat(signInLate(FIRST))
        .isInstanceOfSatisfying(
            Unauthenticated.class,
            refused -> assertThat(refused.detail()).contains("cannot be fetched"));
    assertThat(fetches("failed")).isPositive();

    server.publish(FIRST);
    time.pass(IssuerKeys.FETCH_INTERVAL);
    assertThat(signInLate(FIRST)).isInstanceOf(Accepted.class);
  }

  @Test
  void anOutageIsNotCountedAgainstWhoComes() {
    server.behave(exchange -> JwksServer.answer(exchange, 503, "down"));
    time.pass(Duration.ofHours(24));

    for (int i = 0; i < 2 * FailedAttempts.LIMIT; i++) {
      assertThat(signInLate(FIRST)).isInstanceOf(Unauthenticated.class);
    }
  }

  @Test
  void aKeyThatIsTooNewToBeKnownYetIsNotCountedAgainstWhoComes() {
    time.pass(IssuerKeys.FETCH_INTERVAL);
    assertThat(signIn(TokenSigner.ec("unknown", 256))).isInstanceOf(Unauthenticated.class);
    server.publish(FIRST, SECOND);

    for (int i = 0; i < 2 * FailedAttempts.LIMIT; i++) {
      assertThat(signIn(SECOND))
          .isInstanceOfSatisfying(
              Unauthenticated.class,
              refused -> assertThat(refused.detail()).contains("Try again in 10 seconds"));
    }
    time.pass(IssuerKeys.FETCH_INTERVAL);
    assertThat(signIn(SECOND)).isInstanceOf(Accepted.class);
  }

  @Test
  void aBadAnswerLeavesTheOldKeysInForce() {
    List<JwksServer.Behaviour> bad =
        List.of(
            exchange -> JwksServer.answer(exchange, 404, "{\"keys\":[]}"),
            exchange -> JwksServer.answer(exchange, 200, "<html>"),
            exchange -> JwksServer.answer(exchange, 200, ""),
            exchange -> JwksServer.answer(exchange, 200, "{}"),
            exchange -> JwksServer.answer(exchange, 200, "{\"keys\":{}}"),
            exchange -> JwksServer.answer(exchange, 200, "{\"keys\":[],\"keys\":[]}"),
            exchange ->
                JwksServer.answer(exchange, 200, "{\"keys\":[" + "{},".repeat(100) + "{}]}"),
            IssuerKeysTest::redirect,
            IssuerKeysTest::huge,
            exchange -> exchange.close());
    for (JwksServer.Behaviour behaviour : bad) {
      server.behave(behaviour);
      double failed = fetches("failed");
      time.pass(IssuerKeys.FETCH_INTERVAL);

      assertThat(signInLate(SECOND)).isInstanceOf(Unauthenticated.class);
      assertThat(fetches("failed")).isEqualTo(failed + 1);
      assertThat(signInLate(FIRST)).isInstanceOf(Accepted.class);
    }
  }

  @Test
  void anAnswerThatNeverEndsIsGivenUp() {
    CountDownLatch end = new CountDownLatch(1);
    server.behave(exchange -> {
      exchange.sendResponseHeaders(200, 100);
      exchange.getResponseBody().write('{');
      exchange.getResponseBody().flush();
      awaitLatch(end);
    });
    time.pass(IssuerKeys.FETCH_INTERVAL);

    assertThat(signIn(SECOND)).isInstanceOf(Unauthenticated.class);
    await().until(() -> fetches("failed") == 1);
    assertThat(signIn(FIRST)).isInstanceOf(Accepted.class);
    end.countDown();
  }

  @Test
  void keysThatCannotBeUsedAreLeftOutAndTheOthersServe() {
    server.publish(
        "{\"keys\":[7,null,{},{\"kty\":\"oct\",\"kid\":\"o\",\"k\":\"AAAA\"},{\"kty\":\"new\",\"kid\":\"n\"},"
            + "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"bad\",\"x\":\"AA\",\"y\":\"AA\"},"
            + SECOND.jwk()
            + "]}");
    time.pass(IssuerKeys.FETCH_INTERVAL);

    assertThat(signIn(SECOND)).isInstanceOf(Accepted.class);
    assertThat(signIn(FIRST)).as("withdrawn").isInstanceOf(Unauthenticated.class);
  }

  @Test
  void theTokenFileIsReadAnewForEachFetch() throws IOException {
    Path token = Files.writeString(files.resolve("token"), "one\n");
    TokenIssuer plain = Issuers.oidc(server);
    TokenIssuer issuer =
        new TokenIssuer(
            plain.issuer(),
            plain.audiences(),
            new KeyLocation(
                Optional.of(server.uri()),
                Optional.empty(),
                Optional.of(token),
                Duration.ofHours(1)),
            plain.defaultScopes(),
            plain.maxScopes(),
            plain.tenancy());
    try (CredentialAuthenticator sending = with(issuer)) {
      assertThat(sending.authenticate(token(FIRST))).isInstanceOf(Accepted.class);
      assertThat(server.lastAuthorization()).contains("Bearer one");

      Files.writeString(token, "two");
      time.pass(IssuerKeys.FETCH_INTERVAL);
      sending.authenticate(token(SECOND));
      assertThat(server.lastAuthorization()).contains("Bearer two");
    }
  }

  @Test
  void keysAreFoundThroughDiscovery() {
    TokenIssuer plain = Issuers.oidc(server);
    TokenIssuer issuer =
        new TokenIssuer(
            server.base(),
            plain.audiences(),
            new KeyLocation(
                Optional.empty(), Optional.empty(), Optional.empty(), Duration.ofHours(1)),
            plain.defaultScopes(),
            plain.maxScopes(),
            plain.tenancy());
    server.behave(exchange ->
        JwksServer.answer(
            exchange,
            200,
            exchange.getRequestURI().getPath().equals("/.well-known/openid-configuration")
                ? "{\"issuer\":\"%s\",\"jwks_uri\":\"%s\"}".formatted(server.base(), server.uri())
                : "{\"keys\":[%s]}".formatted(FIRST.jwk())));
    try (CredentialAuthenticator discovering = with(issuer)) {
      String token =
          FIRST.token("ES256", Issuers.claims("research").with("iss", server.base()).json());

      assertThat(discovering.authenticate(Attempts.bearer(token))).isInstanceOf(Accepted.class);
    }
  }

  private static void redirect(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().add("Location", "/elsewhere");
    JwksServer.answer(exchange, 302, "");
  }

  private static void huge(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream body = exchange.getResponseBody()) {
      byte[] spaces = " ".repeat(1024).getBytes(StandardCharsets.US_ASCII);
      for (int i = 0; i < 2048; i++) {
        body.write(spaces);
      }
    } catch (IOException e) {
      // The reader has had enough, as it should.
    }
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private double fetches(String outcome) {
    return registry
        .get(JwksMetrics.FETCHES)
        .tags("issuer", Issuers.OIDC, "outcome", outcome)
        .counter()
        .count();
  }

  private CredentialAuthenticator with(TokenIssuer issuer) {
    return CredentialAuthenticator.create(
        directory, List.of(issuer), registry, time.source(), FETCH_TIMEOUT);
  }

  private Result signIn(TokenSigner key) {
    return authenticator.authenticate(token(key));
  }

  /** With a token that is good whatever time has passed. */
  private Result signInLate(TokenSigner key) {
    Claims claims = Issuers.claims("research").with("exp", time.instant().getEpochSecond() + 60);
    return authenticator.authenticate(Attempts.bearer(key.token("ES256", claims.json())));
  }

  private static Authenticator.Attempt token(TokenSigner key) {
    return Attempts.bearer(key.token("ES256", Issuers.claims("research").json()));
  }
}
