package dev.workspaceoperator.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.auth.Authenticator.Accepted;
import dev.workspaceoperator.auth.Authenticator.Result;
import dev.workspaceoperator.auth.Authenticator.Unauthenticated;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.port.OverloadedException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An issuer whose keys do not come holds up its own tokens only, and few of those. */
class HangingKeySetTest {
  private static final TokenSigner KNOWN = TokenSigner.ec("known", 256);
  private static final TokenSigner NEW = TokenSigner.ec("new", 256);
  private static final int WAITING = SignInBounds.STANDARD.keySets().ofOne();

  private static final int REFUSED = 128;

  /** Longer than any token waits, so that it is not the end of the fetch that is seen. */
  private static final Duration FETCH_TIMEOUT = Duration.ofSeconds(20);

  private final FakeTime time = new FakeTime();
  private final FakeDirectory directory = new FakeDirectory(time);
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final CountDownLatch end = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private JwksServer hanging;
  private JwksServer healthy;

  /** How a server hangs. */
  enum Hang {
    /** It takes the request, and that is all. */
    SILENT,
    /** A byte a second. */
    TRICKLING
  }

  @BeforeEach
  void start() throws IOException {
    hanging = new JwksServer();
    hanging.publish(KNOWN);
    healthy = new JwksServer();
    healthy.publish(KNOWN);
  }

  @AfterEach
  void stop() {
    end.countDown();
    threads.close();
    hanging.close();
    healthy.close();
  }

  @ParameterizedTest
  @EnumSource(Hang.class)
  void onlyUnknownKeysOfItsIssuerWaitAndFewOfThem(Hang hang) throws Exception {
    directory.workspace("research");
    ApiKey apiKey = directory.key(UUID.randomUUID(), Optional.empty(), Scope.WORKSPACE_READ);
    TokenIssuer plain = Issuers.oidc(healthy);
    TokenIssuer other =
        new TokenIssuer(
            "https://other.example",
            plain.audiences(),
            plain.keys(),
            plain.defaultScopes(),
            plain.maxScopes(),
            plain.tenancy());
    try (CredentialAuthenticator authenticator = with(Issuers.oidc(hanging), other)) {
      hang(hang);
      healthy.publish(KNOWN, NEW);
      time.pass(IssuerKeys.FETCH_INTERVAL);
      List<Future<Result>> unknown = new ArrayList<>();
      for (int i = 0; i < WAITING + REFUSED; i++) {
        unknown.add(threads.submit(() -> authenticator.authenticate(token(NEW, Issuers.OIDC))));
      }
      await().until(() -> taken() == WAITING && ended(unknown) == REFUSED);
      List<Future<Result>> others =
          List.of(
              threads.submit(() -> authenticator.authenticate(token(KNOWN, Issuers.OIDC))),
              threads.submit(() -> authenticator.authenticate(token(NEW, other.issuer()))),
              threads.submit(() -> authenticator.authenticate(Attempts.apiKey(apiKey))));
      for (Future<Result> one : others) {
        assertThat(one.get(10, TimeUnit.SECONDS)).isInstanceOf(Accepted.class);
      }

      assertThat(unknown).filteredOn(HangingKeySetTest::isOverloaded).hasSize(REFUSED);
      // Not even those hold a request until the fetch has ended.
      for (Future<Result> one : unknown) {
        assertThat(isOverloaded(one) || one.get() instanceof Unauthenticated).isTrue();
      }
      assertThat(taken()).isZero();
      assertThat(fetches("failed")).isZero();
    }
  }

  /** All clusters call themselves the same if nobody says otherwise. */
  @Test
  void aClusterThatHangsDoesNotHoldUpTokensOfAnotherOfItsName() throws Exception {
    directory.workspace("west", "team", "west-team");
    try (CredentialAuthenticator authenticator =
        with(Issuers.kubernetes("east", hanging), Issuers.kubernetes("west", healthy))) {
      hang(Hang.SILENT);
      healthy.publish(KNOWN, NEW);
      time.pass(IssuerKeys.FETCH_INTERVAL);

      Result result =
          authenticator.authenticate(
              Attempts.bearer(NEW.token("ES256", Issuers.serviceAccount("team", "ci").json())));
      assertThat(result).isInstanceOf(Accepted.class);
      assertThat(fetches("failed")).as("east hangs still").isZero();
    }
  }

  private CredentialAuthenticator with(TokenIssuer... issuers) {
    CredentialAuthenticator authenticator =
        CredentialAuthenticator.create(
            directory, List.of(issuers), registry, time.source(), FETCH_TIMEOUT);
    await().until(() -> fetches("fetched") == issuers.length);
    return authenticator;
  }

  private void hang(Hang hang) {
    hanging.behave(exchange -> {
      try {
        if (hang == Hang.TRICKLING) {
          exchange.sendResponseHeaders(200, 100_000);
          do {
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
          } while (!end.await(1, TimeUnit.SECONDS));
        } else {
          end.await();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
  }

  private static long ended(List<Future<Result>> results) {
    return results.stream().filter(Future::isDone).count();
  }

  private static boolean isOverloaded(Future<Result> one) {
    try {
      one.get(10, TimeUnit.SECONDS);
      return false;
    } catch (ExecutionException e) {
      return e.getCause() instanceof OverloadedException;
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  private double taken() {
    return registry
        .get("workspace_operator_share_taken")
        .tag("share", "sign-in-key-sets")
        .gauge()
        .value();
  }

  private double fetches(String outcome) {
    return registry.find(JwksMetrics.FETCHES).tag("outcome", outcome).counters().stream()
        .mapToDouble(counter -> counter.count())
        .sum();
  }

  private static Authenticator.Attempt token(TokenSigner key, String issuer) {
    return Attempts.bearer(
        key.token("ES256", Issuers.claims("research").with("iss", issuer).json()));
  }
}
