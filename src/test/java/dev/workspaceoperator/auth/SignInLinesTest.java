package dev.workspaceoperator.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.auth.Authenticator.Accepted;
import dev.workspaceoperator.auth.Authenticator.Result;
import dev.workspaceoperator.auth.Authenticator.TooManyFailures;
import dev.workspaceoperator.auth.Authenticator.Unauthenticated;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.port.OverloadedException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.security.SecureRandom;
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
import org.junit.jupiter.api.Test;

/** Wrong keys whose questions to the store do not come back. */
class SignInLinesTest {
  private static final int ALL = SignInBounds.STANDARD.strangers().all();
  private static final int OF_ONE = SignInBounds.STANDARD.strangers().ofOne();
  private static final String ATTACKER = "192.0.2.66";

  private final FakeTime time = new FakeTime();
  private final FakeDirectory directory = new FakeDirectory(time);
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final CredentialAuthenticator authenticator =
      CredentialAuthenticator.create(
          directory, List.of(), registry, time.source(), Duration.ofSeconds(5));
  private final CountDownLatch answers = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void stop() {
    answers.countDown();
    threads.close();
    authenticator.close();
  }

  @Test
  void whatIsKnownGoodNeverWaitsBehindStrangersFromItsOwnSourceEither() throws Exception {
    ApiKey good = directory.key(UUID.randomUUID(), Optional.empty(), Scope.WORKSPACE_READ);
    assertThat(signIn(ATTACKER, good)).isInstanceOf(Accepted.class);
    failUntilRefused();
    time.pass(FreshLookups.MAX_AGE);
    List<Future<Result>> wrong = new ArrayList<>();
    stopTheLineOfStrangers();
    for (String source : List.of(ATTACKER, "192.0.2.67", "192.0.2.68")) {
      for (int i = 0; i < OF_ONE; i++) {
        wrong.add(threads.submit(() -> signIn(source, wrongKey())));
      }
    }
    await().until(() -> taken() == ALL);
    await().until(() -> wrong.stream().filter(Future::isDone).count() == wrong.size() - ALL);

    Future<Result> known = threads.submit(() -> signIn(ATTACKER, good));
    assertThat(known.get(10, TimeUnit.SECONDS)).isInstanceOf(Accepted.class);
    assertThatThrownBy(() -> signIn("192.0.2.69", wrongKey()))
        .isInstanceOf(OverloadedException.class);

    answers.countDown();
    assertThat(wrong)
        .filteredOn(one -> outcome(one) instanceof Unauthenticated || isTooMany(one))
        .hasSize(ALL);
    assertThat(taken()).isZero();
  }

  @Test
  void aSourceWhoseSignInsFailTakesPartOfTheLineAndIsNotToldThatWhatItWantsNowIsBad()
      throws Exception {
    ApiKey fresh = directory.key(UUID.randomUUID(), Optional.empty(), Scope.WORKSPACE_READ);
    failUntilRefused();
    stopTheLineOfStrangers();
    for (int i = 0; i < OF_ONE; i++) {
      Future<?> _ = threads.submit(() -> signIn(ATTACKER, wrongKey()));
    }
    await().until(() -> taken() == OF_ONE);

    assertThatThrownBy(() -> signIn(ATTACKER, wrongKey()))
        .isInstanceOf(OverloadedException.class)
        .hasMessageContaining("from one address");
    Future<Result> first = threads.submit(() -> signIn("192.0.2.1", fresh));
    await().until(() -> taken() == OF_ONE + 1);
    answers.countDown();
    assertThat(first.get(10, TimeUnit.SECONDS)).isInstanceOf(Accepted.class);
  }

  @Test
  void whoAsksWithOneKeyManyTimesSharesAQueryAndTakesAPlaceEachTime() throws Exception {
    ApiKey same = directory.key(UUID.randomUUID(), Optional.empty(), Scope.WORKSPACE_READ);
    stopTheLineOfStrangers();
    List<Future<Result>> asked = new ArrayList<>();
    for (int i = 0; i < OF_ONE; i++) {
      asked.add(threads.submit(() -> signIn(ATTACKER, same)));
    }
    await().until(() -> taken() == OF_ONE);

    assertThatThrownBy(() -> signIn(ATTACKER, same)).isInstanceOf(OverloadedException.class);
    asked.add(threads.submit(() -> signIn("192.0.2.1", same)));
    await().until(() -> taken() == OF_ONE + 1);
    assertThat(directory.queries()).isEqualTo(1);
    answers.countDown();
    assertThat(asked).allSatisfy(one -> assertThat(outcome(one)).isInstanceOf(Accepted.class));
    assertThat(taken()).isZero();
  }

  private void stopTheLineOfStrangers() {
    directory.duringQueryOfStrangers(() -> {
      try {
        assertThat(answers.await(60, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
  }

  private void failUntilRefused() {
    for (int i = 0; i < FailedAttempts.LIMIT; i++) {
      assertThat(signIn(ATTACKER, wrongKey())).isInstanceOf(Unauthenticated.class);
    }
    assertThat(signIn(ATTACKER, wrongKey())).isInstanceOf(TooManyFailures.class);
  }

  private double taken() {
    return registry
        .get("workspace_operator_share_taken")
        .tag("share", "sign-in-strangers")
        .gauge()
        .value();
  }

  private static boolean isTooMany(Future<Result> one) {
    return outcome(one) instanceof TooManyFailures;
  }

  private static Object outcome(Future<Result> one) {
    try {
      return one.get(10, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      return e;
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  private static ApiKey wrongKey() {
    return ApiKey.generate(new SecureRandom());
  }

  private Result signIn(String source, ApiKey key) {
    return authenticator.authenticate(Attempts.from(source, Attempts.apiKey(key)));
  }
}
