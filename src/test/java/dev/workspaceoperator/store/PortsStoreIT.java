package dev.workspaceoperator.store;

import static dev.workspaceoperator.store.Manifests.budget;
import static dev.workspaceoperator.store.Manifests.digest;
import static dev.workspaceoperator.store.Manifests.fresh;
import static dev.workspaceoperator.store.Manifests.key;
import static dev.workspaceoperator.store.Manifests.named;
import static dev.workspaceoperator.store.Manifests.next;
import static dev.workspaceoperator.store.Manifests.withKeys;
import static dev.workspaceoperator.store.Outcomes.done;
import static dev.workspaceoperator.store.Outcomes.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingsPatch;
import dev.workspaceoperator.workspace.Source;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.port.Actor;
import dev.workspaceoperator.workspace.port.ApiKeys;
import dev.workspaceoperator.workspace.port.AuditLog;
import dev.workspaceoperator.workspace.port.Created;
import dev.workspaceoperator.workspace.port.Fleet.Selection;
import dev.workspaceoperator.workspace.port.IdempotencyKey;
import dev.workspaceoperator.workspace.port.Page;
import dev.workspaceoperator.workspace.port.Snapshot;
import dev.workspaceoperator.workspace.port.UnstorableTextException;
import dev.workspaceoperator.workspace.port.WorkspaceChanges;
import dev.workspaceoperator.workspace.port.WorkspaceDirectory.KeyHolder;
import dev.workspaceoperator.workspace.port.WorkspaceDirectory.Line;
import dev.workspaceoperator.workspace.port.WorkspaceDirectory.Member;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ports of the REST API beside settings and overrides. */
class PortsStoreIT {
  private static final Actor ACTOR = new Actor("api-key ci", Optional.of("request-3"));
  private static final Page.Request ALL = new Page.Request(500, Optional.empty());
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
  class Keys {
    @Test
    void ofBothSourcesAreListedNewestFirstAndWithoutRevokedOnes() {
      StoredWorkspace workspace =
          db.accept(withKeys(fresh(), key("declared", "listed-declared", Scope.RUNS_WRITE)));
      ApiKeys.KeyRecord first = done(create(workspace.id(), "listed-1", Optional.empty())).value();
      ApiKeys.KeyRecord second = done(create(workspace.id(), "listed-2", Optional.empty())).value();
      done(db.keys.revoke(workspace.id(), first.id(), ACTOR));

      List<ApiKeys.KeyRecord> listed = everyPage(request -> db.keys.list(workspace.id(), request));

      assertThat(listed).hasSize(2).first().isEqualTo(second);
      assertThat(listed.getLast().source()).isEqualTo(Source.DECLARED);
      assertThat(listed.getLast().name()).isEqualTo("declared");
    }

    @Test
    void thatAreRevokedOpenNothingAndAreNotFoundAgain() {
      StoredWorkspace workspace = db.accept(fresh());
      ApiKeys.KeyRecord made =
          done(create(workspace.id(), "revoked-key", Optional.empty())).value();
      assertThat(db.directory.keyHolder(digest("revoked-key"), Line.STRANGERS))
          .contains(
              new KeyHolder(
                  made.id(),
                  "revoked-key",
                  Optional.of(workspace.id()),
                  Set.of(Scope.RUNS_WRITE),
                  Optional.empty()));

      done(db.keys.revoke(workspace.id(), made.id(), ACTOR));

      assertThat(db.directory.keyHolder(digest("revoked-key"), Line.STRANGERS)).isEmpty();
      assertThat(refusal(db.keys.revoke(workspace.id(), made.id(), ACTOR)))
          .isEqualTo(new Refusal.NotFound());
      StoredWorkspace after = db.stored(workspace.identity());
      assertThat(after.revision()).isEqualTo(workspace.revision() + 2);
      assertThat(db.verifier.verify(workspace.id(), Optional.of(after.auditHead())).findings())
          .isEmpty();
    }

    @Test
    void ofAnotherWorkspaceAreNotFound() {
      StoredWorkspace workspace = db.accept(fresh());
      ApiKeys.KeyRecord made = done(create(workspace.id(), "not-yours", Optional.empty())).value();

      assertThat(refusal(db.keys.revoke(db.accept(fresh()).id(), made.id(), ACTOR)))
          .isEqualTo(new Refusal.NotFound());
    }

    @Test
    void ofAManifestAreRevokedThereUnlessItIsGone() throws SQLException {
      Manifest manifest = withKeys(fresh(), key("ci", "declared-revoke", Scope.RUNS_WRITE));
      StoredWorkspace workspace = db.accept(manifest);
      UUID id = db.keys.list(workspace.id(), ALL).items().getFirst().id();

      assertThat(refusal(db.keys.revoke(workspace.id(), id, ACTOR)))
          .isEqualTo(new Refusal.ManagedDeclaratively(manifest.identity(), List.of("api_keys/ci")));
      db.store.retire(db.fence, manifest.identity());
      done(db.keys.revoke(workspace.id(), id, ACTOR));

      assertThat(db.directory.keyHolder(digest("declared-revoke"), Line.STRANGERS)).isEmpty();
      StoredWorkspace frozen = db.stored(manifest.identity());
      assertThat(frozen.declaredRevision()).isEqualTo(workspace.declaredRevision() + 2);
      assertThat(db.auditLog.list(workspace.id(), ALL).items().getFirst())
          .matches(row -> row.layer().equals("Frozen") && row.field().equals("api_keys/ci"));
    }

    @Test
    void areMadeOnceAnIdempotencyKeyAndReplayedWithoutTheSecondDigest() {
      StoredWorkspace workspace = db.accept(fresh());
      Optional<IdempotencyKey> same = Optional.of(new IdempotencyKey("k", "f"));

      Created<ApiKeys.KeyRecord> first = done(create(workspace.id(), "idempotent-1", same));
      Created<ApiKeys.KeyRecord> second = done(create(workspace.id(), "idempotent-2", same));

      assertThat(second).isEqualTo(new Created<>(first.value(), true));
      assertThat(db.directory.keyHolder(digest("idempotent-2"), Line.STRANGERS)).isEmpty();
    }

    @Test
    void endByTheDatabasesClock() throws Exception {
      try (StoreFixture own = StoreFixture.open()) {
        StoredWorkspace workspace = own.accept(fresh());
        Instant end = Instant.parse("2040-01-01T00:00:00.123456Z");
        done(
            own.keys.create(
                workspace.id(),
                "ends",
                digest("ends"),
                Set.of(Scope.RUNS_WRITE),
                Optional.of(end.plusNanos(789)),
                Optional.empty(),
                ACTOR));

        own.clockAt("2040-01-01T00:00:00.123455Z");
        assertThat(
                own.directory.keyHolder(digest("ends"), Line.STRANGERS).orElseThrow().expiresAt())
            .contains(end);
        own.clockAt("2040-01-01T00:00:00.123456Z");
        assertThat(own.directory.keyHolder(digest("ends"), Line.STRANGERS)).isEmpty();
      }
    }

    @Test
    void thatNeverEndInPracticeAreKept() {
      StoredWorkspace workspace = db.accept(fresh());

      Outcome<Created<ApiKeys.KeyRecord>> outcome =
          db.keys.create(
              workspace.id(),
              "far",
              digest("far"),
              Set.of(Scope.RUNS_WRITE),
              Optional.of(Instant.MAX),
              Optional.empty(),
              ACTOR);

      assertThat(db.directory.keyHolder(digest("far"), Line.STRANGERS).orElseThrow().expiresAt())
          .isEqualTo(done(outcome).value().expiresAt());
    }

    private static Outcome<Created<ApiKeys.KeyRecord>> create(
        UUID workspaceId, String name, Optional<IdempotencyKey> idempotency) {
      return db.keys.create(
          workspaceId,
          name,
          digest(name),
          Set.of(Scope.RUNS_WRITE),
          Optional.empty(),
          idempotency,
          ACTOR);
    }
  }

  @Nested
  class Audit {
    @Test
    void isListedNewestFirstPageByPage() {
      StoredWorkspace workspace = db.accept(next(fresh(), budget("5")));
      for (String name : List.of("A", "B", "C")) {
        patchName(workspace.id(), name);
      }

      List<AuditLog.Entry> rows = everyPage(request -> db.auditLog.list(workspace.id(), request));

      StoredWorkspace after = db.stored(workspace.identity());
      assertThat(rows)
          .extracting(AuditLog.Entry::seq)
          .isSortedAccordingTo((a, b) -> Long.compare(b, a));
      assertThat(rows).hasSize((int) after.auditHead().seq());
      assertThat(rows.getFirst().hash()).isEqualTo(after.auditHead().hash());
      assertThat(rows.getFirst())
          .matches(row ->
              row.before().equals(Optional.of("\"B\""))
                  && row.after().equals(Optional.of("\"C\""))
                  && row.requestId().equals(Optional.of("request-3")));
    }

    @ParameterizedTest
    @ValueSource(
        strings = {"", "x", "!!", "b3ZlcnJpZGVzCjE", "YXVkaXQKYQ", "YXVkaXQKMQoy", "YXVkaXQKAA"})
    void refusesACursorThatItDidNotGive(String cursor) {
      assertThatExceptionOfType(Page.BadCursorException.class)
          .isThrownBy(
              () -> db.auditLog.list(UUID.randomUUID(), new Page.Request(1, Optional.of(cursor))));
    }
  }

  @Nested
  class Fleet {
    @Test
    void listsEveryWorkspaceInOrderPageByPage() throws Exception {
      try (StoreFixture own = StoreFixture.open()) {
        List<Snapshot> listed = everyPage(request -> own.fleet.workspaces(Selection.ALL, request));
        assertThat(listed).isEmpty();
        for (String name : List.of("c", "a", "b", "e", "d")) {
          own.accept(named(Manifests.CLUSTER, "team", name));
        }
        own.archive(named(Manifests.CLUSTER, "team", "c"));

        List<Snapshot> all = everyPage(request -> own.fleet.workspaces(Selection.ALL, request));

        assertThat(all)
            .extracting(it -> it.workspace().identity().name())
            .containsExactly("a", "b", "c", "d", "e");
        assertThat(all.get(2).workspace().state()).isEqualTo(StoredWorkspace.State.ARCHIVED);
      }
    }

    @Test
    void switchesThePlatformLatchOfEveryWorkspaceAndTellsEveryProcess() throws Exception {
      try (StoreFixture own = StoreFixture.open()) {
        StoredWorkspace workspace = own.accept(fresh());
        PlatformChanges heard = new PlatformChanges(new AtomicInteger());
        try (ChangeFeed feed = ChangeFeed.start(own.settings, heard, Clock.systemUTC())) {
          await().until(feed::isUp);

          KillLatch latch =
              own.fleet.switchKill(true, Optional.of("incident"), ACTOR).orElseThrow();
          assertThat(own.fleet.switchKill(true, Optional.of("again"), ACTOR)).contains(latch);
          assertThat(read(own, workspace).layers().killSwitch().strongest()).contains(latch);
          assertThat(
                  own.settingsOf
                      .readSettings(workspace.id())
                      .orElseThrow()
                      .layers()
                      .killSwitch()
                      .strongest())
              .contains(latch);
          assertThat(
                  refusal(
                      own.settingsOf.switchKill(workspace.id(), false, Optional.empty(), ACTOR)))
              .isEqualTo(new Refusal.KillSwitchHeld(latch, Set.of(), workspace.identity()));
          await().untilAsserted(() -> assertThat(heard.count()).hasValue(1));

          assertThat(own.fleet.switchKill(false, Optional.of("over"), ACTOR)).isEmpty();
          assertThat(own.fleet.switchKill(false, Optional.of("over"), ACTOR)).isEmpty();
          assertThat(read(own, workspace)).isEqualTo(workspace);
          await().untilAsserted(() -> assertThat(heard.count()).hasValue(2));
        }
        assertThat(
                own.query(
                    "SELECT concat_ws(' ', seq, actor, layer, field, before, after, reason) FROM audit"
                        + " WHERE workspace_id = '%s' ORDER BY seq"
                            .formatted(AuditChain.INSTALLATION)))
            .containsExactly(
                "1 api-key ci Platform kill_switch false true incident",
                "2 api-key ci Platform kill_switch true false over");
        assertThat(own.verifier.verifyAll().findings()).isEmpty();
      }
    }

    private static StoredWorkspace read(StoreFixture own, StoredWorkspace workspace) {
      return own.settingsOf.read(workspace.id()).orElseThrow().workspace();
    }
  }

  @Nested
  class Directory {
    @Test
    void knowsWorkspacesByIdSlugAndNamespace() {
      StoredWorkspace b = db.accept(named(Manifests.CLUSTER, "directory", "b"));
      StoredWorkspace a = db.accept(named(Manifests.CLUSTER, "directory", "a"));
      Manifest gone = named(Manifests.CLUSTER, "directory", "gone");
      StoredWorkspace archived = db.accept(gone);
      db.archive(gone);

      assertThat(db.directory.withId(archived.id(), Line.KNOWN)).contains(archived.id());
      assertThat(db.directory.withId(UUID.randomUUID(), Line.KNOWN)).isEmpty();
      assertThat(db.directory.withSlug("b", Line.KNOWN)).contains(b.id());
      assertThat(db.directory.withSlug("gone", Line.KNOWN)).isEmpty();
      assertThat(db.directory.withSlug("no\0slug", Line.KNOWN)).isEmpty();
      assertThat(db.directory.inNamespace(Manifests.CLUSTER, "directory", Line.KNOWN))
          .containsExactly(new Member("a", a.id()), new Member("b", b.id()));
      assertThat(db.directory.inNamespace("another", "directory", Line.KNOWN)).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\0b", "\uD800", "a\uDC00b"})
  void textThatCannotBeKeptIsTheCallersMistake(String text) {
    StoredWorkspace workspace = db.accept(fresh());

    assertThatExceptionOfType(UnstorableTextException.class)
        .isThrownBy(() -> patchName(workspace.id(), text));
    assertThat(db.stored(workspace.identity())).isEqualTo(workspace);
  }

  private static void patchName(UUID workspaceId, String name) {
    done(
        db.settingsOf.patch(
            workspaceId,
            new SettingsPatch(Map.of(Setting.NAME, Optional.of(name))),
            _ -> true,
            ACTOR));
  }

  /** Reads a list two at a time. */
  private static <T> List<T> everyPage(Function<Page.Request, Page<T>> list) {
    List<T> all = new ArrayList<>();
    Optional<String> cursor = Optional.empty();
    do {
      Page<T> page = list.apply(new Page.Request(2, cursor));
      assertThat(page.items()).hasSizeLessThanOrEqualTo(2);
      all.addAll(page.items());
      cursor = page.next();
    } while (cursor.isPresent());
    return all;
  }

  private record PlatformChanges(AtomicInteger count) implements WorkspaceChanges {
    @Override
    public void changed(ResourceIdentity identity, long revision) {}

    @Override
    public void freed() {}

    @Override
    public void resync() {}

    @Override
    public void platformChanged() {
      count.incrementAndGet();
    }
  }
}
