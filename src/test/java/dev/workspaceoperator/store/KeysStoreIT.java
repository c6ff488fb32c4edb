package dev.workspaceoperator.store;

import static dev.workspaceoperator.store.Manifests.budget;
import static dev.workspaceoperator.store.Manifests.digest;
import static dev.workspaceoperator.store.Manifests.fresh;
import static dev.workspaceoperator.store.Manifests.key;
import static dev.workspaceoperator.store.Manifests.next;
import static dev.workspaceoperator.store.Manifests.withGeneration;
import static dev.workspaceoperator.store.Manifests.withKeys;
import static dev.workspaceoperator.store.Outcomes.done;
import static dev.workspaceoperator.store.Outcomes.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.workspace.DeclaredApiKey;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.Source;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.port.Actor;
import dev.workspaceoperator.workspace.port.ApiKeys;
import dev.workspaceoperator.workspace.port.Created;
import dev.workspaceoperator.workspace.port.Gathered;
import dev.workspaceoperator.workspace.port.IdempotencyKey;
import dev.workspaceoperator.workspace.port.Page;
import dev.workspaceoperator.workspace.port.WorkspaceChanges;
import dev.workspaceoperator.workspace.port.WorkspaceDirectory.Line;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KeysStoreIT {
  private static final Actor ACTOR = new Actor("api-key ci", Optional.of("request-1"));
  private static StoreFixture db;

  @BeforeAll
  static void open() throws InterruptedException {
    db = StoreFixture.open();
  }

  @AfterAll
  static void close() {
    db.close();
  }

  @Nested
  class KeysOfAManifest {
    @Test
    void areStoredWithScopesAndExpiry() {
      DeclaredApiKey ci =
          new DeclaredApiKey(
              "ci",
              digest("scopes-and-expiry"),
              Set.of(Scope.RUNS_WRITE, Scope.WORKSPACE_READ),
              Optional.of(Instant.parse("9999-12-31T23:59:59.123456Z")));

      StoredWorkspace stored = db.accept(withKeys(fresh(), ci));

      assertThat(stored.declaredKeys()).containsExactly(ci);
    }

    @Test
    void thatDidNotChangeKeepTheirRow() throws SQLException {
      Manifest manifest = withKeys(fresh(), key("ci", "unchanged", Scope.RUNS_WRITE));
      StoredWorkspace before = db.accept(manifest);
      List<String> rows = rows(before);

      StoredWorkspace after = db.accept(next(manifest, budget("3")));

      assertThat(after.declaredKeys()).isEqualTo(before.declaredKeys());
      assertThat(rows(after)).isEqualTo(rows);
    }

    @Test
    void areAddedChangedAndRemovedAsTheManifestSays() throws SQLException {
      Manifest manifest =
          withKeys(
              fresh(),
              key("stays", "k-stays", Scope.RUNS_WRITE),
              key("goes", "k-goes", Scope.RUNS_WRITE),
              key("changes", "k-changes", Scope.RUNS_WRITE));
      StoredWorkspace before = db.accept(manifest);
      DeclaredApiKey[] wanted = {
        key("stays", "k-stays", Scope.RUNS_WRITE),
        key("changes", "k-changes", Scope.WORKSPACE_READ),
        key("comes", "k-comes", Scope.RUNS_WRITE)
      };

      StoredWorkspace after = db.accept(withKeys(manifest, wanted));

      assertThat(after.declaredKeys()).containsExactlyInAnyOrder(wanted);
      assertThat(after.revision()).isEqualTo(before.revision() + 1);
      assertThat(
              db.query(
                  "SELECT field FROM audit WHERE workspace_id = '%s' AND seq > %d ORDER BY seq"
                      .formatted(after.id(), before.auditHead().seq())))
          .containsExactly("api_keys/changes", "api_keys/comes", "api_keys/goes");
    }

    @Test
    void canSwapTheirNames() {
      Manifest manifest =
          withKeys(
              fresh(), key("a", "swap-1", Scope.RUNS_WRITE), key("b", "swap-2", Scope.RUNS_WRITE));
      db.accept(manifest);
      DeclaredApiKey[] swapped = {
        key("a", "swap-2", Scope.RUNS_WRITE), key("b", "swap-1", Scope.RUNS_WRITE)
      };

      assertThat(db.accept(withKeys(manifest, swapped)).declaredKeys())
          .containsExactlyInAnyOrder(swapped);
    }

    @Test
    void neverWriteAWholeDigestIntoTheAudit() throws SQLException {
      StoredWorkspace stored =
          db.accept(withKeys(fresh(), key("ci", "no-digest", Scope.RUNS_WRITE)));

      assertThat(db.audit(stored.id()))
          .noneMatch(row -> row.contains(digest("no-digest").hex()))
          .last()
          .isEqualTo(
              "api_keys/ci: - -> {\"expires_at\":null,\"scopes\":[\"runs:write\"],"
                  + "\"sha256_starts_with\":\"%s\"}"
                      .formatted(digest("no-digest").hex().substring(0, 8)));
    }

    @Test
    void thatAnotherWorkspaceHoldsAreToldAndSkipped() {
      StoredWorkspace holder = db.accept(withKeys(fresh(), key("ci", "held", Scope.RUNS_WRITE)));
      Manifest second =
          withKeys(
              fresh(),
              key("ci", "held", Scope.RUNS_WRITE),
              key("own", "not-held", Scope.RUNS_WRITE));

      Gathered gathered =
          db.store.gather(
              second.identity(),
              Optional.of(second.slug()),
              Set.of(digest("held"), digest("not-held")));
      StoredWorkspace stored = db.accept(second);

      assertThat(gathered.foreignKeys()).containsExactly(digest("held"));
      assertThat(stored.declaredKeys()).extracting(DeclaredApiKey::name).containsExactly("own");
      assertThat(db.stored(holder.identity()).declaredKeys()).hasSize(1);
    }

    @Test
    void thatTheFleetOrAnotherWorkspacesApiHoldsAreForeign() {
      Manifest manifest = fresh();
      db.accept(manifest);
      db.fleetKeys.create(
          "fleet", digest("of-the-fleet"), Set.of(Scope.FLEET_READ), Optional.empty(), ACTOR);
      done(KeysStoreIT.create(db.accept(fresh()).id(), "of-another-api", Scope.RUNS_WRITE));

      for (Manifest asking : List.of(manifest, fresh())) {
        assertThat(
                db.store
                    .gather(
                        asking.identity(),
                        Optional.empty(),
                        Set.of(
                            digest("of-the-fleet"), digest("of-another-api"), digest("of-nobody")))
                    .foreignKeys())
            .containsExactlyInAnyOrder(digest("of-the-fleet"), digest("of-another-api"));
      }
    }

    @Test
    void thatTheirWorkspaceMadeByTheApiAreTheSameKeyAndDeclaredFromThenOn() throws SQLException {
      Manifest manifest = fresh();
      StoredWorkspace before = db.accept(manifest);
      ApiKeys.KeyRecord made =
          done(KeysStoreIT.create(before.id(), "adopted", Scope.RUNS_WRITE)).value();
      DeclaredApiKey declared = key("ci", "adopted", Scope.WORKSPACE_READ);

      StoredWorkspace after = db.accept(withKeys(manifest, declared));

      assertThat(after.declaredKeys()).containsExactly(declared);
      assertThat(db.keys.list(before.id(), new Page.Request(10, Optional.empty())).items())
          .containsExactly(
              new ApiKeys.KeyRecord(
                  made.id(),
                  "ci",
                  declared.scopes(),
                  Source.DECLARED,
                  made.createdAt(),
                  Optional.empty()));
      assertThat(refusal(db.keys.revoke(before.id(), made.id(), ACTOR)))
          .isInstanceOf(Refusal.ManagedDeclaratively.class);

      Manifest without = withKeys(withGeneration(manifest, 5));
      assertThat(db.accept(without).declaredKeys()).isEmpty();
      assertThat(db.directory.keyHolder(digest("adopted"), Line.STRANGERS)).isEmpty();
    }

    @Test
    void thatAreTakenOutAgainAreNotMadeAnewByARepeatedRequest() {
      Manifest manifest = fresh();
      StoredWorkspace stored = db.accept(manifest);
      Optional<IdempotencyKey> same = Optional.of(new IdempotencyKey("k", "f"));
      ApiKeys.KeyRecord made = done(create(stored.id(), "repeated", same)).value();
      db.accept(withKeys(manifest, key("repeated", "repeated", Scope.RUNS_WRITE)));
      assertThat(done(create(stored.id(), "repeated", same)).value()).isEqualTo(made);

      db.accept(withKeys(withGeneration(manifest, 5)));

      assertThat(refusal(create(stored.id(), "repeated", same))).isEqualTo(new Refusal.NotFound());
    }

    private static Outcome<Created<ApiKeys.KeyRecord>> create(
        UUID workspace, String name, Optional<IdempotencyKey> idempotency) {
      return db.keys.create(
          workspace,
          name,
          digest(name),
          Set.of(Scope.RUNS_WRITE),
          Optional.empty(),
          idempotency,
          ACTOR);
    }

    @ParameterizedTest
    @EnumSource(
        value = Source.class,
        names = {"DECLARED", "RUNTIME"})
    void thatWereRevokedElsewhereAreNobodys(Source madeBy) {
      String secret = "revoked-elsewhere-" + madeBy;
      Manifest holder = withKeys(fresh(), key("k", secret + "-declared", Scope.RUNS_WRITE));
      StoredWorkspace held = db.accept(holder);
      String hashed = madeBy == Source.DECLARED ? secret + "-declared" : secret;
      if (madeBy == Source.RUNTIME) {
        done(KeysStoreIT.create(held.id(), secret, Scope.RUNS_WRITE));
      } else {
        db.store.retire(db.fence, holder.identity());
      }
      UUID revoked = db.directory.keyHolder(digest(hashed), Line.STRANGERS).orElseThrow().keyId();
      done(db.keys.revoke(held.id(), revoked, ACTOR));
      Manifest other = withKeys(fresh(), key("mine", hashed, Scope.WORKSPACE_READ));

      assertThat(
              db.store
                  .gather(other.identity(), Optional.empty(), Set.of(digest(hashed)))
                  .foreignKeys())
          .isEmpty();
      StoredWorkspace taken = db.accept(other);

      assertThat(taken.declaredKeys()).extracting(DeclaredApiKey::name).containsExactly("mine");
      assertThat(db.directory.keyHolder(digest(hashed), Line.STRANGERS).orElseThrow().keyId())
          .isNotEqualTo(revoked);
      assertThat(refusal(db.keys.revoke(held.id(), revoked, ACTOR)))
          .isEqualTo(new Refusal.NotFound());
    }

    @Test
    void thatAreRevokedAreToldToWhoeverWaitsForThem() throws Exception {
      StoredWorkspace held = db.accept(fresh());
      UUID made =
          done(KeysStoreIT.create(held.id(), "told-when-revoked", Scope.RUNS_WRITE)).value().id();
      AtomicInteger freed = new AtomicInteger();

      try (ChangeFeed feed = ChangeFeed.start(db.settings, new Freed(freed), Clock.systemUTC())) {
        await().until(feed::isUp);
        done(db.keys.revoke(held.id(), made, ACTOR));
        await().until(() -> freed.get() > 0);
      }
    }

    @Test
    void comeBackWithTheirManifestAfterTheyWereRevokedWhileFrozen() throws SQLException {
      Manifest manifest = withKeys(fresh(), key("ci", "revoked", Scope.RUNS_WRITE));
      StoredWorkspace stored = db.accept(manifest);
      db.store.retire(db.fence, manifest.identity());
      db.execute(
          "UPDATE api_key SET revoked_at = now() WHERE workspace_id = '%s'".formatted(stored.id()));
      assertThat(db.stored(manifest.identity()).declaredKeys()).isEmpty();

      assertThat(db.accept(manifest).declaredKeys()).hasSize(1);
    }

    private static List<String> rows(StoredWorkspace workspace) throws SQLException {
      return db.query(
          "SELECT k::text FROM api_key k WHERE workspace_id = '%s'".formatted(workspace.id()));
    }
  }

  @Nested
  class CreateForWorkspace {
    @Test
    void storesTheKeyWithAnAuditRowAndTellsEverybodyOfTheNewRevision() throws Exception {
      StoredWorkspace before = db.accept(fresh());

      List<Long> heard = new CopyOnWriteArrayList<>();
      try (ChangeFeed feed =
          ChangeFeed.start(db.settings, new Revisions(before, heard), Clock.systemUTC())) {
        await().until(feed::isUp);
        done(create(before.id(), "made", Scope.RUNS_WRITE));
        await().until(() -> heard.contains(before.revision() + 1));
      }
      StoredWorkspace after = db.stored(before.identity());
      assertThat(after.declaredKeys()).isEmpty();
      assertThat(after.revision()).isEqualTo(before.revision() + 1);
      assertThat(after.declaredRevision()).isEqualTo(before.declaredRevision());
      assertThat(after.auditHead().seq()).isEqualTo(before.auditHead().seq() + 1);
      assertThat(db.verifier.verify(before.id(), Optional.of(after.auditHead())).findings())
          .isEmpty();
      assertThat(
              db.query(
                  "SELECT source || ' ' || scopes::text FROM api_key WHERE workspace_id = '%s'"
                      .formatted(before.id())))
          .containsExactly("Runtime {runs:write}");
      assertThat(
              db.query(
                  "SELECT actor || ', ' || layer || ', ' || field FROM audit WHERE workspace_id = '%s' AND seq = %d"
                      .formatted(before.id(), after.auditHead().seq())))
          .containsExactly("api-key ci, Runtime, api_keys/made");
    }

    @Test
    void refusesAFleetScopeAndAWorkspaceThatIsNotThere() {
      UUID id = db.accept(fresh()).id();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> create(id, "fleet-scope", Scope.FLEET_WRITE));
      assertThat(refusal(create(UUID.randomUUID(), "nobody", Scope.RUNS_WRITE)))
          .isEqualTo(new Refusal.NotFound());
    }
  }

  /** Makes a key whose name is its secret. */
  private static Outcome<Created<ApiKeys.KeyRecord>> create(
      UUID workspace, String name, Scope scope) {
    return db.keys.create(
        workspace, name, digest(name), Set.of(scope), Optional.empty(), Optional.empty(), ACTOR);
  }

  /** Counts how often something was given up. */
  private record Freed(AtomicInteger times) implements WorkspaceChanges {
    @Override
    public void changed(ResourceIdentity identity, long revision) {}

    @Override
    public void freed() {
      times.incrementAndGet();
    }

    @Override
    public void resync() {}
  }

  /** Notes the revisions that are announced of one workspace. */
  private record Revisions(StoredWorkspace workspace, List<Long> heard)
      implements WorkspaceChanges {
    @Override
    public void changed(ResourceIdentity identity, long revision) {
      if (identity.equals(workspace.identity())) {
        heard.add(revision);
      }
    }

    @Override
    public void freed() {}

    @Override
    public void resync() {}
  }
}
