package dev.workspaceoperator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.auth.ApiKey;
import dev.workspaceoperator.auth.Authenticator.Accepted;
import dev.workspaceoperator.auth.Authenticator.Attempt;
import dev.workspaceoperator.auth.Authenticator.Result;
import dev.workspaceoperator.auth.Authenticator.TooManyFailures;
import dev.workspaceoperator.auth.Authenticator.Unauthenticated;
import dev.workspaceoperator.auth.CredentialAuthenticator;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.port.Actor;
import dev.workspaceoperator.workspace.port.ApiKeys.KeyRecord;
import dev.workspaceoperator.workspace.port.Created;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two replicas sign in with keys of one real database. */
class SignInStoreIT {
  private static final Actor ACTOR = new Actor("api-key test", Optional.empty());

  private static StoreFixture db;
  private static UUID workspaceId;
  private static CredentialAuthenticator one;
  private static CredentialAuthenticator two;

  @BeforeAll
  static void start() throws InterruptedException {
    db = StoreFixture.open();
    workspaceId = db.accept(Manifests.fresh()).id();
    one = CredentialAuthenticator.create(db.directory, List.of(), new SimpleMeterRegistry());
    two = CredentialAuthenticator.create(db.directory, List.of(), new SimpleMeterRegistry());
  }

  @AfterAll
  static void stop() {
    one.close();
    two.close();
    db.close();
  }

  @Test
  void aNewKeyWorksAtOnceAndARevokedOneIsRefusedWithinASecondOnEveryReplica() {
    ApiKey key = ApiKey.generate(new SecureRandom());
    assertThat(signIn(one, key)).isInstanceOf(Unauthenticated.class);

    KeyRecord entry = create(key, Optional.empty());
    assertThat(List.of(one, two))
        .allSatisfy(replica ->
            assertThat(signIn(replica, key))
                .isInstanceOfSatisfying(
                    Accepted.class,
                    accepted -> {
                      assertThat(accepted.principal().workspaceId()).contains(workspaceId);
                      assertThat(accepted.principal().scopes())
                          .containsExactly(Scope.WORKSPACE_READ);
                    }));

    assertThat(db.keys.revoke(workspaceId, entry.id(), ACTOR)).isInstanceOf(Outcome.Done.class);
    await()
        .pollInterval(Duration.ofMillis(20))
        .atMost(Duration.ofSeconds(1))
        .until(() -> refuses(one, key) && refuses(two, key));
  }

  @Test
  void aKeyEndsByTheClockOfTheDatabase() {
    ApiKey key = ApiKey.generate(new SecureRandom());
    Instant end = db.now().plusSeconds(2);
    create(key, Optional.of(end));

    assertThat(signIn(one, key)).isInstanceOf(Accepted.class);
    await().atMost(Duration.ofSeconds(10)).until(() -> refuses(one, key));
    assertThat(db.now()).isAfterOrEqualTo(end);
  }

  /** Wrong keys from many sources, and from one: nobody else notices. */
  @Test
  void inAStormOfWrongKeysANewKeyWorksAtOnceAndAKnownOneAlways() throws Exception {
    ApiKey known = ApiKey.generate(new SecureRandom());
    create(known, Optional.empty());
    assertThat(signIn(one, known)).isInstanceOf(Accepted.class);
    AtomicBoolean isOver = new AtomicBoolean();
    AtomicInteger refused = new AtomicInteger();
    List<Future<?>> storm = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int client = 0; client < 64; client++) {
        String source = "198.51.100." + client / 2;
        storm.add(
            threads.submit(() -> {
              while (!isOver.get()) {
                Result result = signIn(one, ApiKey.generate(new SecureRandom()), source);
                assertThat(result).isInstanceOfAny(Unauthenticated.class, TooManyFailures.class);
                refused.incrementAndGet();
              }
            }));
      }
      try {
        await().until(() -> refused.get() > 64);
        for (int i = 0; i < 20; i++) {
          ApiKey fresh = ApiKey.generate(new SecureRandom());
          create(fresh, Optional.empty());
          assertThat(signIn(one, fresh, "198.51.100.1")).isInstanceOf(Accepted.class);
          assertThat(signIn(one, known, "198.51.100.1")).isInstanceOf(Accepted.class);
        }
        await().until(() -> refused.get() > 2_000);
      } finally {
        isOver.set(true);
      }
      for (Future<?> client : storm) {
        client.get();
      }
    }
  }

  private static KeyRecord create(ApiKey key, Optional<Instant> expiresAt) {
    Outcome<Created<KeyRecord>> outcome =
        db.keys.create(
            workspaceId,
            "key " + UUID.randomUUID(),
            key.digest(),
            Set.of(Scope.WORKSPACE_READ),
            expiresAt,
            Optional.empty(),
            ACTOR);
    assertThat(outcome).isInstanceOf(Outcome.Done.class);
    return ((Outcome.Done<Created<KeyRecord>>) outcome).value().value();
  }

  private static boolean refuses(CredentialAuthenticator replica, ApiKey key) {
    return signIn(replica, key) instanceof Unauthenticated;
  }

  private static Result signIn(CredentialAuthenticator replica, ApiKey key) {
    return signIn(replica, key, "192.0.2.1");
  }

  private static Result signIn(CredentialAuthenticator replica, ApiKey key, String source) {
    return replica.authenticate(
        new Attempt(List.of(), List.of(key.reveal()), Optional.empty(), source));
  }
}
