package dev.workspaceoperator.store;

import static dev.workspaceoperator.store.Manifests.budget;
import static dev.workspaceoperator.store.Manifests.fresh;
import static dev.workspaceoperator.store.Manifests.next;
import static dev.workspaceoperator.store.Outcomes.done;
import static dev.workspaceoperator.store.Outcomes.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.workspaceoperator.workspace.EffectiveValue;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.Source;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.port.Actor;
import dev.workspaceoperator.workspace.port.Created;
import dev.workspaceoperator.workspace.port.IdempotencyKey;
import dev.workspaceoperator.workspace.port.OverrideStore.Draft;
import dev.workspaceoperator.workspace.port.OverrideStore.InvalidEndException;
import dev.workspaceoperator.workspace.port.OverrideStore.StoredOverride;
import dev.workspaceoperator.workspace.port.Page;
import dev.workspaceoperator.workspace.port.Snapshot;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class OverrideStoreIT {
  private static final Actor ACTOR = new Actor("api-key on-call", Optional.of("request-2"));
  private static final Page.Request ALL = new Page.Request(500, Optional.empty());
  private static StoreFixture db;

  private StoredWorkspace workspace;

  @BeforeAll
  static void open() throws InterruptedException {
    db = StoreFixture.open();
  }

  @AfterAll
  static void close() {
    db.close();
  }

  @BeforeEach
  void accept() {
    workspace = db.accept(next(fresh(), budget("5")));
  }

  @Nested
  class Create {
    @Test
    void beatsTheManifestUntilItEnds() throws SQLException {
      Instant end = now().plus(Duration.ofHours(2));

      StoredOverride made = done(create(dailyBudget(9_000_000, end), Optional.empty())).value();

      Snapshot after = read();
      assertThat(after.effective(PlanDefaults.STANDARD).budget(Setting.DAILY_BUDGET))
          .isEqualTo(
              new EffectiveValue<>(
                  new dev.workspaceoperator.workspace.Budget(9_000_000),
                  Source.OVERRIDE,
                  Optional.of(made.override().expiresAt())));
      assertThat(after.workspace().revision()).isEqualTo(workspace.revision() + 1);
      assertThat(made.createdBy()).isEqualTo("api-key on-call");
      assertThat(made.reason()).isEqualTo("incident");
      assertThat(db.overrides.list(workspace.id(), ALL).items()).containsExactly(made);
      assertThat(lastAudit())
          .isEqualTo(
              ("api-key on-call Override daily_budget_usd {\"expires_at\":\"%s\",\"id\":\"%s\","
                      + "\"value\":\"9\"} incident request-2")
                  .formatted(made.override().expiresAt(), made.override().id()));
    }

    @Test
    void standsWithTheOthersAmongTheSettings() throws SQLException {
      Instant end = now().plus(Duration.ofHours(2));
      Draft cap = new Draft(Setting.MAX_CONCURRENT_RUNS, 20, end, "incident");
      StoredOverride first = done(create(dailyBudget(9_000_000, end), Optional.empty())).value();
      StoredOverride second = done(create(cap, Optional.empty())).value();

      assertThat(db.settingsOf.readSettings(workspace.id()).orElseThrow().layers().overrides())
          .containsExactlyInAnyOrder(first.override(), second.override());
    }

    @Test
    void refusesAnEndThatIsPastOrMoreThanADayAway() {
      for (Duration lifetime :
          List.of(Duration.ofSeconds(-1), Duration.ofHours(24).plusMinutes(1))) {
        assertThatExceptionOfType(InvalidEndException.class)
            .isThrownBy(() -> create(dailyBudget(1, now().plus(lifetime)), Optional.empty()));
      }
      assertThat(read().workspace()).isEqualTo(workspace);
    }

    @Test
    void refusesWhatThePlanDoesNotAllow() {
      StoredWorkspace basic = db.accept(fresh());

      Outcome<Created<StoredOverride>> outcome =
          db.overrides.create(
              basic.id(),
              new Draft(
                  Setting.MAX_CONCURRENT_RUNS, 20, now().plus(Duration.ofHours(1)), "incident"),
              Optional.empty(),
              ACTOR);

      assertThat(refusal(outcome)).isInstanceOf(Refusal.PlanTooLow.class);
      assertThat(db.overrides.list(basic.id(), ALL).items()).isEmpty();
    }

    @Test
    void refusesAnArchivedOrUnknownWorkspace() {
      Manifest manifest = fresh();
      StoredWorkspace archived = db.accept(manifest);
      db.archive(manifest);
      Draft draft = dailyBudget(1, now().plus(Duration.ofHours(1)));

      assertThat(refusal(db.overrides.create(archived.id(), draft, Optional.empty(), ACTOR)))
          .isEqualTo(new Refusal.Archived());
      assertThat(refusal(db.overrides.create(UUID.randomUUID(), draft, Optional.empty(), ACTOR)))
          .isEqualTo(new Refusal.NotFound());
    }
  }

  @Nested
  class Idempotency {
    private final Draft draft = dailyBudget(1_000_000, now().plus(Duration.ofHours(1)));

    @Test
    void replaysTheFirstEffectAlsoOnceItHasEnded() {
      StoredOverride first = done(create(draft, key("replay", "f"))).value();
      done(db.overrides.delete(workspace.id(), first.override().id(), ACTOR));

      Created<StoredOverride> second = done(create(draft, key("replay", "f")));

      assertThat(second).isEqualTo(new Created<>(first, true));
      assertThat(db.overrides.list(workspace.id(), ALL).items()).isEmpty();
    }

    @Test
    void refusesAnotherRequestUnderTheSameKey() {
      done(create(draft, key("reused", "f")));

      assertThat(refusal(create(draft, key("reused", "g"))))
          .isEqualTo(new Refusal.IdempotencyKeyReused());
    }

    @Test
    void keepsNoRefusal() {
      StoredWorkspace basic = db.accept(fresh());
      Draft cap = new Draft(Setting.MAX_CONCURRENT_RUNS, 20, draft.expiresAt(), "incident");
      refusal(db.overrides.create(basic.id(), cap, key("refused", "f"), ACTOR));

      assertThat(done(db.overrides.create(basic.id(), draft, key("refused", "g"), ACTOR)))
          .matches(created -> !created.replayed());
    }

    @Test
    void holdsForTwins() throws Exception {
      CyclicBarrier start = new CyclicBarrier(4);
      List<Future<Outcome<Created<StoredOverride>>>> twins = new ArrayList<>();
      try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
        for (int i = 0; i < 4; i++) {
          twins.add(
              threads.submit(() -> {
                start.await();
                return create(draft, key("twins", "f"));
              }));
        }
      }

      List<Created<StoredOverride>> created = new ArrayList<>();
      for (Future<Outcome<Created<StoredOverride>>> twin : twins) {
        created.add(done(twin.get()));
      }
      assertThat(created).filteredOn(it -> !it.replayed()).hasSize(1);
      assertThat(created).extracting(Created::value).containsOnly(created.getFirst().value());
      assertThat(db.overrides.list(workspace.id(), ALL).items()).hasSize(1);
    }

    @Test
    void lastsFor72HoursAcrossMidnightsAndNotLonger() throws Exception {
      try (StoreFixture own = StoreFixture.open()) {
        StoredWorkspace ws = own.accept(next(fresh(), budget("5")));
        own.clockAt("2040-01-01T23:59:00Z");
        own.partitions.makeAhead();
        Created<StoredOverride> first = done(createAt(own, ws, "2040-01-02T01:00:00Z"));

        own.clockAt("2040-01-04T23:58:59Z");
        Created<StoredOverride> within = done(createAt(own, ws, "2040-01-05T01:00:00Z"));
        own.clockAt("2040-01-04T23:59:01Z");
        Created<StoredOverride> after = done(createAt(own, ws, "2040-01-05T01:00:00Z"));

        assertThat(within).isEqualTo(new Created<>(first.value(), true));
        assertThat(after.replayed()).isFalse();
        assertThat(after.value().override().id()).isNotEqualTo(first.value().override().id());
      }
    }

    private static Outcome<Created<StoredOverride>> createAt(
        StoreFixture own, StoredWorkspace ws, String end) {
      return own.overrides.create(
          ws.id(), dailyBudget(1, Instant.parse(end)), key("72-hours", "f"), ACTOR);
    }
  }

  @Nested
  class Delete {
    @Test
    void endsItWithAnAuditRowAndOnlyOnce() throws SQLException {
      StoredOverride made =
          done(create(dailyBudget(1, now().plus(Duration.ofHours(1))), Optional.empty())).value();

      assertThat(done(db.overrides.delete(workspace.id(), made.override().id(), ACTOR)))
          .isEqualTo(made.override().id());
      assertThat(refusal(db.overrides.delete(workspace.id(), made.override().id(), ACTOR)))
          .isEqualTo(new Refusal.NotFound());

      assertThat(read().effective(PlanDefaults.STANDARD).budget(Setting.DAILY_BUDGET).source())
          .isEqualTo(Source.DECLARED);
      assertThat(db.settingsOf.readSettings(workspace.id()).orElseThrow().layers().overrides())
          .isEmpty();
      assertThat(read().workspace().revision()).isEqualTo(workspace.revision() + 2);
      assertThat(lastAudit()).startsWith("api-key on-call Override daily_budget_usd {");
    }

    @Test
    void doesNotFindAnotherWorkspacesOverride() {
      StoredOverride made =
          done(create(dailyBudget(1, now().plus(Duration.ofHours(1))), Optional.empty())).value();
      StoredWorkspace other = db.accept(fresh());

      assertThat(refusal(db.overrides.delete(other.id(), made.override().id(), ACTOR)))
          .isEqualTo(new Refusal.NotFound());
      assertThat(db.overrides.list(workspace.id(), ALL).items()).containsExactly(made);
    }
  }

  @Nested
  class Sweep {
    @Test
    void recordsEachEndOnceHoweverManySweep() throws Exception {
      try (StoreFixture own = StoreFixture.open()) {
        own.clockAt("2040-05-01T10:00:00Z");
        List<StoredWorkspace> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
          StoredWorkspace ws = own.accept(next(fresh(), budget("5")));
          all.add(ws);
          for (int n = 0; n < 2; n++) {
            done(
                own.overrides.create(
                    ws.id(),
                    dailyBudget(n, Instant.parse("2040-05-01T11:00:00Z")),
                    Optional.empty(),
                    ACTOR));
          }
        }
        assertThat(own.overrides.sweep()).isZero();

        own.clockAt("2040-05-01T11:00:00Z");
        assertThat(
                own.settingsOf
                    .read(all.getFirst().id())
                    .orElseThrow()
                    .effective(PlanDefaults.STANDARD)
                    .budget(Setting.DAILY_BUDGET)
                    .source())
            .isEqualTo(Source.DECLARED);
        assertThat(sweepFromFourThreads(own)).isEqualTo(40);

        for (StoredWorkspace ws : all) {
          assertThat(own.settingsOf.read(ws.id()).orElseThrow().workspace().revision())
              .isEqualTo(ws.revision() + 3);
        }
        assertThat(
                own.query(
                    "SELECT count(*) FROM audit WHERE layer = 'Override' AND after IS NULL"
                        + " AND actor LIKE 'end of override %'"))
            .containsExactly("40");
        assertThat(own.overrides.sweep()).isZero();
        assertThat(own.verifier.verifyAll().findings()).isEmpty();
      }
    }

    private static int sweepFromFourThreads(StoreFixture own) throws Exception {
      CyclicBarrier start = new CyclicBarrier(4);
      List<Future<Integer>> sweeps = new ArrayList<>();
      try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
        for (int i = 0; i < 4; i++) {
          sweeps.add(
              threads.submit(() -> {
                start.await();
                return own.overrides.sweep();
              }));
        }
      }
      int ended = own.overrides.sweep();
      for (Future<Integer> sweep : sweeps) {
        ended += sweep.get();
      }
      return ended;
    }
  }

  @Test
  void isListedNewestFirstPageByPage() {
    List<StoredOverride> made = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      made.addFirst(
          done(create(dailyBudget(i, now().plus(Duration.ofHours(1))), Optional.empty())).value());
    }
    List<StoredOverride> listed = new ArrayList<>();
    Optional<String> cursor = Optional.empty();
    do {
      Page<StoredOverride> page = db.overrides.list(workspace.id(), new Page.Request(2, cursor));
      assertThat(page.items()).hasSizeLessThanOrEqualTo(2).isNotEmpty();
      listed.addAll(page.items());
      cursor = page.next();
    } while (cursor.isPresent());

    assertThat(listed).isEqualTo(made);
  }

  private Outcome<Created<StoredOverride>> create(
      Draft draft, Optional<IdempotencyKey> idempotency) {
    return db.overrides.create(workspace.id(), draft, idempotency, ACTOR);
  }

  private Snapshot read() {
    return db.settingsOf.read(workspace.id()).orElseThrow();
  }

  private String lastAudit() throws SQLException {
    return db.query(
            "SELECT concat_ws(' ', actor, layer, field, before, after, reason, request_id) FROM audit"
                + " WHERE workspace_id = '%s' ORDER BY seq DESC LIMIT 1".formatted(workspace.id()))
        .getFirst();
  }

  private static Draft dailyBudget(long micros, Instant end) {
    return new Draft(Setting.DAILY_BUDGET, micros, end, "incident");
  }

  private static Optional<IdempotencyKey> key(String key, String fingerprint) {
    return Optional.of(new IdempotencyKey(key, fingerprint));
  }

  /** Close enough to the database's clock, which runs on this machine too. */
  private static Instant now() {
    return db.now();
  }
}
