package dev.workspaceoperator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.auth.ApiKey;
import dev.workspaceoperator.auth.Authenticator.Accepted;
import dev.workspaceoperator.auth.Authenticator.Attempt;
import dev.workspaceoperator.auth.Authenticator.Result;
import dev.workspaceoperator.auth.Authenticator.Unauthenticated;
import dev.workspaceoperator.auth.CredentialAuthenticator;
import dev.workspaceoperator.workspace.Actor;
import dev.workspaceoperator.workspace.ApiKeys.Entry;
import dev.workspaceoperator.workspace.Created;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Scope;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
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

    Entry entry = create(key, Optional.empty());
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

  private static Entry create(ApiKey key, Optional<Instant> expiresAt) {
    Outcome<Created<Entry>> outcome =
        db.keys.create(
            workspaceId,
            "key " + UUID.randomUUID(),
            key.digest(),
            Set.of(Scope.WORKSPACE_READ),
            expiresAt,
            Optional.empty(),
            ACTOR);
    assertThat(outcome).isInstanceOf(Outcome.Done.class);
    return ((Outcome.Done<Created<Entry>>) outcome).value().value();
  }

  private static boolean refuses(CredentialAuthenticator replica, ApiKey key) {
    return signIn(replica, key) instanceof Unauthenticated;
  }

  private static Result signIn(CredentialAuthenticator replica, ApiKey key) {
    return replica.authenticate(
        new Attempt(List.of(), List.of(key.reveal()), Optional.empty(), "192.0.2.1"));
  }
}
