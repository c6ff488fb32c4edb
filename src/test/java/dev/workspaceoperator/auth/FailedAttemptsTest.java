package dev.workspaceoperator.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.auth.Authenticator.Accepted;
import dev.workspaceoperator.auth.Authenticator.TooManyFailures;
import dev.workspaceoperator.auth.Authenticator.Unauthenticated;
import dev.workspaceoperator.workspace.Scope;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class FailedAttemptsTest {
  private final FakeTime time = new FakeTime();
  private final FakeDirectory directory = new FakeDirectory(time);
  private final CredentialAuthenticator authenticator =
      CredentialAuthenticator.create(
          directory, List.of(), new SimpleMeterRegistry(), time.source(), Duration.ofSeconds(5));

  @Test
  void afterAHundredFailuresInAMinuteASourceIsToldWhenToComeBack() {
    assertThat(fail("192.0.2.1")).isInstanceOf(Unauthenticated.class);
    time.pass(Duration.ofSeconds(10));
    for (int i = 1; i < FailedAttempts.LIMIT; i++) {
      assertThat(fail("192.0.2.1")).isInstanceOf(Unauthenticated.class);
    }

    assertThat(fail("192.0.2.1")).isEqualTo(new TooManyFailures(Duration.ofSeconds(50)));
    time.pass(Duration.ofSeconds(50));
    assertThat(fail("192.0.2.1")).isInstanceOf(Unauthenticated.class);
    assertThat(fail("192.0.2.1")).isEqualTo(new TooManyFailures(Duration.ofSeconds(10)));
  }

  @Test
  void aGoodCredentialIsServedWhateverElseCameFromItsSource() {
    ApiKey key = directory.key(UUID.randomUUID(), Optional.empty(), Scope.WORKSPACE_READ);
    failUntilRefused("192.0.2.1");

    assertThat(authenticator.authenticate(Attempts.from("192.0.2.1", Attempts.apiKey(key))))
        .isInstanceOf(Accepted.class);
  }

  @Test
  void anotherSourceIsNotHeldToIt() {
    failUntilRefused("192.0.2.1");

    assertThat(fail("192.0.2.2")).isInstanceOf(Unauthenticated.class);
  }

  @Test
  void anIpv6SubscriberIsOneSource() {
    failUntilRefused("2001:db8:1:2::1");

    assertThat(fail("2001:db8:1:2:ffff::9")).isInstanceOf(TooManyFailures.class);
    assertThat(fail("2001:db8:1:3::1")).isInstanceOf(Unauthenticated.class);
  }

  @Test
  void aRequestWithoutACredentialIsNoFailedSignIn() {
    for (int i = 0; i <= FailedAttempts.LIMIT; i++) {
      assertThat(authenticator.authenticate(Attempts.authorization()))
          .isInstanceOf(Unauthenticated.class);
    }
  }

  @Test
  void onlySoManySourcesAreRemembered() {
    FailedAttempts failures = new FailedAttempts(time.source().nanos());

    for (int i = 0; i < FailedAttempts.MAX_SOURCES + 10; i++) {
      failures.count("10.0.%d.%d".formatted(i / 256, i % 256));
    }

    assertThat(failures.size()).isEqualTo(FailedAttempts.MAX_SOURCES);
  }

  private void failUntilRefused(String source) {
    for (int i = 0; i < FailedAttempts.LIMIT; i++) {
      fail(source);
    }
    assertThat(fail(source)).isInstanceOf(TooManyFailures.class);
  }

  private Authenticator.Result fail(String source) {
    return authenticator.authenticate(
        Attempts.from(source, Attempts.apiKey(ApiKey.generate(new SecureRandom()))));
  }
}
