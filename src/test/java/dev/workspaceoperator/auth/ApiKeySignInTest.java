package dev.workspaceoperator.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.auth.Authenticator.Accepted;
import dev.workspaceoperator.auth.Authenticator.Ambiguous;
import dev.workspaceoperator.auth.Authenticator.Attempt;
import dev.workspaceoperator.auth.Authenticator.Unauthenticated;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiKeySignInTest {
  private static final UUID WORKSPACE = UUID.randomUUID();
  private static final Duration JUST_UNDER_MAX_AGE = FreshLookups.MAX_AGE.minusNanos(1);

  private final FakeTime time = new FakeTime();
  private final FakeDirectory directory = new FakeDirectory(time);
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final CredentialAuthenticator authenticator =
      CredentialAuthenticator.create(
          directory, List.of(), registry, time.source(), Duration.ofSeconds(5));

  @ParameterizedTest
  @ValueSource(strings = {"Bearer ", "bearer ", "BEARER ", "Bearer   "})
  void aKeyMayComeAsBearer(String scheme) {
    ApiKey key = directory.key(WORKSPACE, Optional.empty(), Scope.WORKSPACE_READ);

    assertThat(authenticator.authenticate(Attempts.authorization(scheme + key.reveal())))
        .isInstanceOf(Accepted.class);
  }

  @Test
  void aKeyMakesThePrincipalOfItsHolder() {
    ApiKey key = directory.key(WORKSPACE, Optional.empty(), Scope.WORKSPACE_READ, Scope.RUNS_WRITE);

    assertThat(authenticator.authenticate(Attempts.apiKey(key)))
        .isEqualTo(
            new Accepted(
                new Principal(
                    "api-key ci",
                    Optional.of(WORKSPACE),
                    Set.of(Scope.WORKSPACE_READ, Scope.RUNS_WRITE),
                    Optional.empty()),
                Optional.empty()));
  }

  @Test
  void aFleetKeyHasNoWorkspace() {
    ApiKey key = directory.fleetKey(Scope.FLEET_READ);

    assertThat(principal(Attempts.apiKey(key)).workspaceId()).isEmpty();
  }

  @Test
  void moreThanOneCredentialIsAmbiguous() {
    String key = directory.key(WORKSPACE, Optional.empty(), Scope.WORKSPACE_READ).reveal();

    assertThat(
            List.of(
                new Attempt(List.of("Bearer " + key), List.of(key), Optional.empty(), "a"),
                new Attempt(List.of(), List.of(key, key), Optional.empty(), "a"),
                Attempts.authorization("Bearer " + key, "Bearer " + key),
                Attempts.authorization("Bearer " + key, "Basic eDp5")))
        .allSatisfy(attempt ->
            assertThat(authenticator.authenticate(attempt)).isInstanceOf(Ambiguous.class));
  }

  /** Of kubectl, which sends no bearer token to a server without TLS. */
  @Test
  void aCredentialMayBeThePasswordOfTheUserToken() {
    String key = directory.key(WORKSPACE, Optional.empty(), Scope.WORKSPACE_READ).reveal();

    assertThat(principal(Attempts.authorization("Basic " + base64("token:" + key))))
        .isEqualTo(principal(Attempts.bearer(key)));
    assertThat(principal(Attempts.authorization("bASIC  " + base64("token:" + key))).workspaceId())
        .contains(WORKSPACE);
    for (String other :
        List.of("alice:" + key, "Token:" + key, ":" + key, key, "token:" + key + " ", "token:")) {
      assertThat(authenticator.authenticate(Attempts.authorization("Basic " + base64(other))))
          .as(other.replace(key, "KEY"))
          .isInstanceOfSatisfying(
              Unauthenticated.class,
              refused -> assertThat(refused.detail()).contains("the user token"));
    }
    assertThat(authenticator.authenticate(Attempts.authorization("Basic dG9rZW46d=c")))
        .isInstanceOf(Unauthenticated.class);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void noCredentialIsToldApartFromABadOne() {
    assertThat(authenticator.authenticate(Attempts.authorization()))
        .isInstanceOfSatisfying(
            Unauthenticated.class,
            refused -> {
              assertThat(refused.credentialGiven()).isFalse();
              assertThat(refused.detail()).contains("X-API-Key", "Bearer");
            });
    assertThat(authenticator.authenticate(Attempts.authorization("Basic eDp5")))
        .isInstanceOfSatisfying(
            Unauthenticated.class,
            refused -> {
              assertThat(refused.credentialGiven()).isTrue();
              assertThat(refused.detail()).contains("Basic").doesNotContain("eDp5");
            });
  }

  @Test
  void anUnknownKeyIsAskedForEachTimeAndWorksOnceItExists() {
    ApiKey key = directory.key(WORKSPACE, Optional.empty(), Scope.WORKSPACE_READ);
    ApiKey unknown = ApiKey.generate(new SecureRandom());

    assertThat(authenticator.authenticate(Attempts.apiKey(unknown)))
        .isInstanceOf(Unauthenticated.class);
    assertThat(authenticator.authenticate(Attempts.apiKey(unknown)))
        .isInstanceOf(Unauthenticated.class);
    assertThat(directory.queries()).isEqualTo(2);
    assertThat(authenticator.authenticate(Attempts.apiKey(key))).isInstanceOf(Accepted.class);
  }

  @Test
  void aMistypedKeyNeverReachesTheStore() {
    String text = ApiKey.generate(new SecureRandom()).reveal();
    String mistyped =
        text.substring(0, 20) + (text.charAt(20) == 'x' ? 'y' : 'x') + text.substring(21);

    assertThat(authenticator.authenticate(Attempts.bearer(mistyped)))
        .isInstanceOfSatisfying(
            Unauthenticated.class,
            refused -> assertThat(refused.detail()).contains("checksum").doesNotContain(mistyped));
    assertThat(directory.queries()).isZero();
  }

  @Test
  void aRevokedKeyIsRefusedHalfASecondAfterItsLastQueryWasSent() {
    ApiKey key = directory.key(WORKSPACE, Optional.empty(), Scope.WORKSPACE_READ);
    directory.duringQuery(() -> time.pass(Duration.ofMillis(200)));
    authenticator.authenticate(Attempts.apiKey(key));
    directory.revoke(key);

    time.pass(JUST_UNDER_MAX_AGE.minusMillis(200));
    assertThat(authenticator.authenticate(Attempts.apiKey(key))).isInstanceOf(Accepted.class);
    time.pass(Duration.ofNanos(1));
    assertThat(authenticator.authenticate(Attempts.apiKey(key)))
        .isInstanceOf(Unauthenticated.class);
  }

  @Test
  void anAnnouncedRevocationCountsAtOnce() {
    ApiKey key = directory.key(WORKSPACE, Optional.empty(), Scope.WORKSPACE_READ);
    authenticator.authenticate(Attempts.apiKey(key));
    directory.revoke(key);

    authenticator.freed();

    assertThat(authenticator.authenticate(Attempts.apiKey(key)))
        .isInstanceOf(Unauthenticated.class);
  }

  @Test
  void anAnswerThatWasUnderWayWhenARevocationWasAnnouncedIsNotKept() {
    ApiKey key = directory.key(WORKSPACE, Optional.empty(), Scope.WORKSPACE_READ);
    directory.duringQuery(() -> {
      directory.revoke(key);
      authenticator.freed();
    });

    assertThat(authenticator.authenticate(Attempts.apiKey(key))).isInstanceOf(Accepted.class);
    assertThat(authenticator.authenticate(Attempts.apiKey(key)))
        .isInstanceOf(Unauthenticated.class);
  }

  /** Else whoever makes and revokes keys in a loop makes everybody's next request ask the store. */
  @Test
  void anAnnouncedRevocationForgetsThatKeyAlone() {
    ApiKey revoked = directory.key(WORKSPACE, Optional.empty(), Scope.WORKSPACE_READ);
    ApiKey other = directory.key(WORKSPACE, Optional.empty(), Scope.WORKSPACE_READ);
    authenticator.authenticate(Attempts.apiKey(revoked));
    authenticator.authenticate(Attempts.apiKey(other));
    directory.revoke(revoked);

    authenticator.revoked(Set.of(revoked.digest()));

    assertThat(authenticator.authenticate(Attempts.apiKey(other))).isInstanceOf(Accepted.class);
    assertThat(directory.queries()).isEqualTo(2);
    assertThat(authenticator.authenticate(Attempts.apiKey(revoked)))
        .isInstanceOf(Unauthenticated.class);
  }

  @Test
  void anAnswerThatWasUnderWayWhenItsKeyWasRevokedIsNotKept() {
    ApiKey key = directory.key(WORKSPACE, Optional.empty(), Scope.WORKSPACE_READ);
    directory.duringQuery(() -> {
      directory.revoke(key);
      authenticator.revoked(Set.of(key.digest()));
    });

    assertThat(authenticator.authenticate(Attempts.apiKey(key))).isInstanceOf(Accepted.class);
    assertThat(authenticator.authenticate(Attempts.apiKey(key)))
        .isInstanceOf(Unauthenticated.class);
  }

  @Test
  void anExpiredKeyIsRefusedAtItsEndAlthoughItWasJustSeen() {
    ApiKey key =
        directory.key(
            WORKSPACE,
            Optional.of(FakeTime.START.plus(Duration.ofMillis(100))),
            Scope.WORKSPACE_READ);

    assertThat(authenticator.authenticate(Attempts.apiKey(key))).isInstanceOf(Accepted.class);
    time.pass(Duration.ofMillis(100));
    assertThat(authenticator.authenticate(Attempts.apiKey(key)))
        .isInstanceOf(Unauthenticated.class);
  }

  @Test
  void requestsOfOneKeyWithinHalfASecondCostOneQuery() {
    ApiKey key = directory.key(WORKSPACE, Optional.empty(), Scope.WORKSPACE_READ);

    for (int i = 0; i < 100; i++) {
      authenticator.authenticate(Attempts.apiKey(key));
    }

    assertThat(directory.queries()).isEqualTo(1);
  }

  @Test
  void requestsThatArriveTogetherShareOneQuery() throws Exception {
    ApiKey key = directory.key(WORKSPACE, Optional.empty(), Scope.WORKSPACE_READ);
    CountDownLatch answer = new CountDownLatch(1);
    directory.duringQuery(() -> awaitLatch(answer));

    List<FutureTask<Authenticator.Result>> results = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      FutureTask<Authenticator.Result> result =
          new FutureTask<>(() -> authenticator.authenticate(Attempts.apiKey(key)));
      results.add(result);
      threads.add(Thread.startVirtualThread(result));
    }
    // Who comes only now would ask anew, though it need not.
    await().until(() -> threads.stream().allMatch(ApiKeySignInTest::isWaiting));
    answer.countDown();
    for (FutureTask<Authenticator.Result> result : results) {
      assertThat(result.get(10, TimeUnit.SECONDS)).isInstanceOf(Accepted.class);
    }
    assertThat(directory.queries()).isEqualTo(1);
  }

  @Test
  void aKeyMadeWhileAQueryIsUnderWayWorksForWhoeverAsksAfterwards() throws Exception {
    FreshLookups<String, String> lookups = lookupsOfOneSlowNo();
    CountDownLatch firstSent = new CountDownLatch(1);
    CountDownLatch firstMayEnd = new CountDownLatch(1);
    slow =
        () -> {
          firstSent.countDown();
          awaitLatch(firstMayEnd);
        };

    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Optional<String>> first = threads.submit(() -> lookups.ask("key", "192.0.2.1"));
      awaitLatch(firstSent);
      time.pass(Duration.ofMillis(1));
      Future<Optional<String>> second = threads.submit(() -> lookups.ask("key", "192.0.2.1"));
      firstMayEnd.countDown();

      assertThat(first.get(10, TimeUnit.SECONDS)).isEmpty();
      assertThat(second.get(10, TimeUnit.SECONDS)).contains("holder");
    }
  }

  private volatile Runnable slow = () -> {};

  private FreshLookups<String, String> lookupsOfOneSlowNo() {
    AtomicBoolean asked = new AtomicBoolean();
    return new FreshLookups<>(
        (_, _) -> {
          if (asked.getAndSet(true)) {
            return Optional.of("holder");
          }
          slow.run();
          return Optional.empty();
        },
        holder -> holder,
        new SignInLines(SignInBounds.STANDARD, registry),
        time.source());
  }

  @Test
  void withoutTheStoreNothingIsJudged() {
    ApiKey key = directory.key(WORKSPACE, Optional.empty(), Scope.WORKSPACE_READ);
    authenticator.authenticate(Attempts.apiKey(key));
    directory.goDown();
    time.pass(FreshLookups.MAX_AGE);

    assertThatThrownBy(() -> authenticator.authenticate(Attempts.apiKey(key)))
        .isInstanceOf(StoreUnavailableException.class);
  }

  @Test
  void signInsAreCountedByKindAndOutcome() {
    ApiKey key = directory.key(WORKSPACE, Optional.empty(), Scope.WORKSPACE_READ);
    authenticator.authenticate(Attempts.apiKey(key));
    authenticator.authenticate(Attempts.apiKey(ApiKey.generate(new SecureRandom())));

    assertThat(count("accepted")).isEqualTo(1);
    assertThat(count("unauthenticated")).isEqualTo(1);
  }

  private double count(String outcome) {
    return registry
        .get(SignInMetrics.METRIC)
        .tags("credential", "api_key", "outcome", outcome)
        .counter()
        .count();
  }

  private Principal principal(Attempt attempt) {
    return ((Accepted) authenticator.authenticate(attempt)).principal();
  }

  private static boolean isWaiting(Thread thread) {
    return thread.getState() == Thread.State.WAITING
        || thread.getState() == Thread.State.TIMED_WAITING;
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
