package dev.workspaceoperator.store;

import static dev.workspaceoperator.store.Manifests.budget;
import static dev.workspaceoperator.store.Manifests.fresh;
import static dev.workspaceoperator.store.Manifests.killed;
import static dev.workspaceoperator.store.Manifests.next;
import static dev.workspaceoperator.store.Outcomes.done;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.DeclaredReceiver;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.NotificationKind;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.port.Actor;
import dev.workspaceoperator.workspace.port.NotificationOutbox.Event;
import dev.workspaceoperator.workspace.port.NotificationOutbox.Health;
import dev.workspaceoperator.workspace.port.NotificationOutbox.KeyRight;
import dev.workspaceoperator.workspace.port.NotificationOutbox.Lane;
import dev.workspaceoperator.workspace.port.NotificationOutbox.Subscription;
import dev.workspaceoperator.workspace.port.NotificationOutbox.WorkspaceLane;
import dev.workspaceoperator.workspace.port.OverrideStore.Draft;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What people are to be told: when it is written, and how it is taken. */
class NotificationOutboxStoreIT {
  private static final Actor ACTOR = new Actor("api-key on-call", Optional.of("request-9"));
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration THREE_DAYS = Duration.ofDays(3);
  private static final List<Subscription> ALL =
      List.of(
          new Subscription("ops", "kill-switch"),
          new Subscription("ops", "budget"),
          new Subscription("ops", "override"),
          new Subscription("ops", "plan"));

  @SuppressWarnings("NullAway.Init") // Opened before each test.
  private StoreFixture db;

  @SuppressWarnings("NullAway.Init")
  private PostgresNotificationOutbox outbox;

  @BeforeEach
  void open() throws InterruptedException {
    db = StoreFixture.open();
    outbox = new PostgresNotificationOutbox(db.database);
  }

  @AfterEach
  void close() {
    db.close();
  }

  /** Type and data of each event of a workspace, in their order. */
  private List<String> events(UUID workspaceId) throws SQLException {
    return db.query(
        "SELECT type || ' ' || data FROM notification WHERE workspace_id = '%s' ORDER BY seq"
            .formatted(workspaceId));
  }

  private List<String> types(UUID workspaceId) throws SQLException {
    return db.query(
        "SELECT type FROM notification WHERE workspace_id = '%s' ORDER BY seq"
            .formatted(workspaceId));
  }

  private int spread(List<Subscription> subscriptions) {
    return outbox.spread(subscriptions, List.of(), 100).events();
  }

  private StoredWorkspace scale() {
    return db.accept(next(fresh(), killed("stop")));
  }

  @Test
  void eachLatchTellsWhenItIsEngagedAndReleased() throws SQLException {
    Manifest manifest = next(fresh(), killed("declared stop"));
    StoredWorkspace workspace = db.accept(manifest);
    done(db.settingsOf.switchKill(workspace.id(), true, Optional.of("leak \"x\""), ACTOR));
    done(db.settingsOf.switchKill(workspace.id(), true, Optional.of("again"), ACTOR));
    db.accept(next(manifest, budget("5")));
    done(db.settingsOf.switchKill(workspace.id(), false, Optional.empty(), ACTOR));

    List<String> events = events(workspace.id());

    assertThat(types(workspace.id()))
        .containsExactly(
            "kill-switch.activated",
            "kill-switch.activated",
            "kill-switch.released",
            "kill-switch.released");
    assertThat(events.get(0)).contains("\"latch\" : \"Declared\"");
    assertThat(events.get(1))
        .contains("\"latch\" : \"Runtime\"", "\"reason\" : \"leak \\\"x\\\"\"")
        .contains("\"actor\" : \"api-key on-call\"", "\"request_id\" : \"request-9\"");
    assertThat(events.get(2)).contains("\"latch\" : \"Declared\"");
    assertThat(events.get(3)).contains("\"latch\" : \"Runtime\"");
  }

  @Test
  void thePlatformsLatchIsTheInstallations() throws SQLException {
    db.fleet.switchKill(true, Optional.of("incident"), ACTOR);
    db.fleet.switchKill(false, Optional.empty(), ACTOR);

    assertThat(types(AuditChain.INSTALLATION))
        .containsExactly("kill-switch.activated", "kill-switch.released");
    assertThat(events(AuditChain.INSTALLATION).getFirst()).contains("\"latch\" : \"Platform\"");
  }

  @Test
  void anOverrideTellsOfItsBeginningAndItsEnd() throws SQLException {
    db.clockAt("2040-01-02T10:00:00Z");
    StoredWorkspace workspace = db.accept(next(fresh(), budget("5")));
    Draft draft =
        new Draft(
            Setting.DAILY_BUDGET, 9_000_000, Instant.parse("2040-01-02T12:00:00Z"), "incident");
    UUID first =
        done(db.overrides.create(workspace.id(), draft, Optional.empty(), ACTOR))
            .value()
            .override()
            .id();
    done(db.overrides.create(workspace.id(), draft, Optional.empty(), ACTOR));
    done(db.overrides.delete(workspace.id(), first, ACTOR));
    db.clockAt("2040-01-02T12:00:00Z");
    db.overrides.sweep();

    assertThat(types(workspace.id()))
        .containsExactly(
            "override.started", "override.started", "override.ended", "override.ended");
    assertThat(events(workspace.id()).getFirst())
        .contains(
            "\"field\" : \"daily_budget_usd\"", "\"reason\" : \"incident\"", first.toString());
    assertThat(events(workspace.id()).getLast()).contains("end of override");
  }

  @Test
  void aBudgetTellsOnceAtEachThresholdOfADayAndOfAMonth() throws SQLException {
    db.clockAt("2040-01-02T10:00:00Z");
    StoredWorkspace workspace = db.accept(next(fresh(), budget("5")));
    BudgetWatch watch = new BudgetWatch(db.database, PlanDefaults.STANDARD);

    spent(workspace, "2040-01-02", 3_999_999);
    assertThat(watch.look()).isZero();
    spent(workspace, "2040-01-02", 4_000_000);
    assertThat(watch.look()).isEqualTo(1);
    assertThat(watch.look()).isZero();
    spent(workspace, "2040-01-02", 6_000_000);
    assertThat(watch.look()).isEqualTo(1);
    assertThat(new BudgetWatch(db.database, PlanDefaults.STANDARD).look()).isZero();
    db.clockAt("2040-01-03T10:00:00Z");
    spent(workspace, "2040-01-03", 4_500_000);
    assertThat(watch.look()).isEqualTo(1);

    List<String> events = events(workspace.id());
    assertThat(events).hasSize(3).allMatch(event -> event.startsWith("budget.threshold "));
    assertThat(events.get(0))
        .contains(
            "\"percent\":80", "\"spent_usd\":4}", "\"budget_usd\":5", "\"period\":\"2040-01-02\"")
        .contains("\"resets_at\":\"2040-01-03T00:00:00Z\"");
    assertThat(events.get(1)).contains("\"percent\":100", "\"spent_usd\":6}");
    assertThat(events.get(2)).contains("\"percent\":80", "\"period\":\"2040-01-03\"");
  }

  private static DeclaredSettings budgets(String daily, String monthly) {
    DeclaredSettings settings = budget(daily);
    return new DeclaredSettings(
        settings.plan(),
        settings
            .values()
            .with(Setting.MONTHLY_BUDGET, Optional.of(Budget.ofUsd(new BigDecimal(monthly)))),
        settings.killSwitch(),
        settings.killSwitchReason());
  }

  private void spent(StoredWorkspace workspace, String day, long micros) throws SQLException {
    db.execute(
        ("INSERT INTO workspace_day (workspace_id, day, spent_micro_usd, last_decision_at)"
                + " VALUES ('%s', '%s', %d, operator_clock()) ON CONFLICT (workspace_id, day)"
                + " DO UPDATE SET spent_micro_usd = EXCLUDED.spent_micro_usd,"
                + " last_decision_at = operator_clock()")
            .formatted(workspace.id(), day, micros));
  }

  @Test
  void aRefusedPlanIsToldOncePerGeneration() throws SQLException {
    Manifest manifest = fresh();
    StoredWorkspace workspace = db.accept(manifest);

    db.store.tellPlanRefusal(manifest.identity(), "uid", 7, "The plan Pro is needed.");
    db.store.tellPlanRefusal(manifest.identity(), "uid", 7, "The plan Pro is needed.");
    db.store.tellPlanRefusal(manifest.identity(), "uid", 8, "The plan Scale is needed.");
    db.store.tellPlanRefusal(fresh().identity(), "uid-2", 1, "Never accepted.");

    assertThat(types(workspace.id())).containsExactly("plan.refused", "plan.refused");
    assertThat(events(workspace.id()).getFirst())
        .contains("\"generation\":7", "The plan Pro is needed.", manifest.identity().name());
    assertThat(types(UUID.nameUUIDFromBytes("uid-2".getBytes(UTF_8))))
        .containsExactly("plan.refused");
    assertThat(types(AuditChain.INSTALLATION)).isEmpty();
  }

  @Test
  void aReceiverGetsTheKindsThatItWantsAndALaneIsTakenByOneAlone() {
    StoredWorkspace workspace = scale();
    db.fleet.switchKill(true, Optional.of("incident"), ACTOR);

    assertThat(spread(List.of(new Subscription("plans", "plan")))).isEqualTo(2);
    assertThat(outbox.due(List.of("ops"))).isEmpty();
    done(db.settingsOf.switchKill(workspace.id(), true, Optional.of("x"), ACTOR));
    assertThat(spread(ALL)).isEqualTo(1);
    assertThat(spread(ALL)).isZero();

    assertThat(outbox.due(List.of("ops"))).containsExactly("ops");
    List<Lane> lanes = outbox.claim("ops", 10, MINUTE);
    assertThat(lanes).extracting(Lane::workspaceId).containsExactly(workspace.id());
    assertThat(outbox.claim("ops", 10, MINUTE)).isEmpty();
    assertThat(outbox.due(List.of("ops"))).isEmpty();
  }

  @Test
  void aLaneGivesItsOldestFirstAndIsQuietOnceItIsEmpty() {
    StoredWorkspace workspace = scale();
    done(db.settingsOf.switchKill(workspace.id(), true, Optional.of("x"), ACTOR));
    spread(ALL);
    Lane lane = outbox.claim("ops", 1, MINUTE).getFirst();

    List<Event> events = outbox.oldest(lane, 10, THREE_DAYS);
    assertThat(events).hasSize(2).isSortedAccordingTo((a, b) -> Long.compare(a.seq(), b.seq()));
    assertThat(events.getFirst().workspace().orElseThrow().identity())
        .isEqualTo(workspace.identity());
    outbox.delivered(lane, List.of(events.getFirst()));
    outbox.release(lane, 0, Duration.ZERO);

    Lane again = outbox.claim("ops", 1, MINUTE).getFirst();
    assertThat(outbox.oldest(again, 10, THREE_DAYS)).containsExactly(events.getLast());
    outbox.delivered(again, List.of(events.getLast()));
    outbox.release(again, 0, Duration.ZERO);
    assertThat(outbox.due(List.of("ops"))).isEmpty();
    assertThat(outbox.backlog(List.of("ops")).waiting()).isZero();
  }

  @Test
  void aFailureWaitsAndIsCounted() throws SQLException {
    scale();
    spread(ALL);
    Lane lane = outbox.claim("ops", 1, MINUTE).getFirst();

    outbox.release(lane, 1, MINUTE);

    assertThat(outbox.due(List.of("ops"))).isEmpty();
    assertThat(outbox.backlog(List.of("ops")).waiting()).isEqualTo(1);
    db.execute("UPDATE notification_lane SET due_at = operator_clock()");
    assertThat(outbox.claim("ops", 1, MINUTE)).extracting(Lane::failures).containsExactly(1);
  }

  @Test
  void whatASenderHadWhenItDiedIsDueAgainOnceItsTimeIsOver() {
    scale();
    spread(ALL);
    outbox.claim("ops", 1, Duration.ZERO);

    assertThat(outbox.claim("ops", 1, MINUTE)).hasSize(1);
  }

  @Test
  void whatNobodyAsksForAnyMoreIsForgotten() throws SQLException {
    db.clockAt("2040-01-02T10:00:00Z");
    StoredWorkspace workspace = db.accept(next(fresh(), budget("5")));
    done(db.settingsOf.switchKill(workspace.id(), false, Optional.empty(), ACTOR));
    db.fleet.switchKill(true, Optional.of("incident"), ACTOR);
    spent(workspace, "2040-01-02", 4_000_000);
    new BudgetWatch(db.database, PlanDefaults.STANDARD).look();
    spread(ALL);

    db.clockAt("2040-01-05T10:00:01Z");
    Lane lane = outbox.claim("ops", 2, MINUTE).getFirst();
    assertThat(outbox.oldest(lane, 1, THREE_DAYS).getFirst().isTooOld()).isTrue();
    outbox.forget(List.of("ops"));
    assertThat(types(AuditChain.INSTALLATION)).hasSize(1);
    db.clockAt("2040-01-06T10:00:01Z");
    outbox.forget(List.of("ops"));

    assertThat(types(AuditChain.INSTALLATION)).isEmpty();
    assertThat(types(workspace.id())).containsExactly("budget.threshold");
    assertThat(db.query("SELECT count(*) FROM notification_delivery")).containsExactly("1");
    db.clockAt("2040-03-20T10:00:01Z");
    outbox.forget(List.of("ops"));
    assertThat(types(workspace.id())).isEmpty();
    assertThat(db.query("SELECT count(*) FROM notification_delivery")).containsExactly("0");
  }

  /** A sender that slept through its claim has no say in what another one does with the lane. */
  @Test
  void whoeverHasLostALaneRecordsNothingAndLetsItAlone() throws SQLException {
    db.clockAt("2040-01-02T10:00:00Z");
    scale();
    spread(ALL);
    Lane slept = outbox.claim("ops", 1, MINUTE).getFirst();
    List<Event> events = outbox.oldest(slept, 10, THREE_DAYS);
    db.clockAt("2040-01-02T10:01:00Z");
    Lane held = outbox.claim("ops", 1, MINUTE).getFirst();

    outbox.release(slept, 7, Duration.ZERO);
    assertThat(outbox.delivered(slept, events)).isFalse();
    outbox.drop(slept);

    assertThat(outbox.due(List.of("ops"))).isEmpty();
    assertThat(outbox.oldest(held, 10, THREE_DAYS)).isEqualTo(events);
    assertThat(outbox.delivered(held, events)).isTrue();
  }

  @Test
  void aReceiverThatIsGoneIsNeitherDueNorCountedAndItsLanesAreForgotten() throws SQLException {
    db.clockAt("2040-01-02T10:00:00Z");
    scale();
    spread(ALL);
    List<String> others = List.of("others");

    assertThat(outbox.due(others)).isEmpty();
    assertThat(outbox.backlog(others).waiting()).isZero();
    assertThat(outbox.backlog(List.of("ops")).waiting()).isEqualTo(1);
    db.clockAt("2040-01-03T09:00:00Z");
    outbox.forget(others);
    // A replica that has not heard of the receiver yet is not told apart from one that has not yet
    // forgotten it.
    assertThat(outbox.due(List.of("ops"))).containsExactly("ops");
    db.clockAt("2040-01-03T10:00:01Z");
    outbox.forget(List.of("ops"));
    assertThat(outbox.due(List.of("ops"))).containsExactly("ops");
    outbox.forget(others);

    assertThat(db.query("SELECT receiver FROM notification_lane")).isEmpty();
  }

  /** As a release of schema 9 leaves one. */
  @Test
  void aLaneThatWasLeftEmptyIsForgottenAndMadeAnew() throws SQLException {
    StoredWorkspace workspace = scale();
    spread(ALL);
    Lane lane = outbox.claim("ops", 1, MINUTE).getFirst();
    outbox.delivered(lane, outbox.oldest(lane, 10, THREE_DAYS));
    db.execute("UPDATE notification_lane SET due_at = NULL");
    outbox.forget(List.of("ops"));
    assertThat(db.query("SELECT receiver FROM notification_lane")).isEmpty();

    done(db.settingsOf.switchKill(workspace.id(), true, Optional.of("x"), ACTOR));
    spread(ALL);
    assertThat(outbox.claim("ops", 1, MINUTE)).hasSize(1);
  }

  /** What is settled belongs to the day on which it was reserved, and to its month. */
  @Test
  void aBudgetTellsOfTheDayThatTheMoneyBelongsToOnceAlsoAfterMidnight() throws SQLException {
    db.clockAt("2040-01-31T23:59:00Z");
    StoredWorkspace workspace = db.accept(next(fresh(), budgets("5", "40")));
    BudgetWatch watch = new BudgetWatch(db.database, PlanDefaults.STANDARD);
    spent(workspace, "2040-01-30", 30_000_000);
    spent(workspace, "2040-01-31", 1_900_000);
    assertThat(watch.look()).isEqualTo(2);
    db.execute("DELETE FROM notification");
    db.execute("UPDATE workspace_day SET last_decision_at = operator_clock() - interval '1 hour'");

    db.clockAt("2040-02-01T00:01:00Z");
    spent(workspace, "2040-02-01", 1_000_000);
    assertThat(watch.look()).isZero();
    spent(workspace, "2040-01-31", 4_200_000);
    assertThat(watch.look()).isEqualTo(2);
    assertThat(watch.look()).isZero();

    assertThat(events(workspace.id()))
        .anyMatch(event -> event.contains("\"period\":\"2040-01-31\""))
        .anyMatch(event -> event.contains("\"period\":\"2040-01\""))
        .allMatch(event -> event.contains("\"resets_at\":\"2040-02-01T00:00:00Z\""));
  }

  @Test
  void aWorkspacesReceiverGetsItsEventsAsItsManifestSaysAndItsKeyAllows() throws SQLException {
    List<KeyRight> rights =
        List.of(
            new KeyRight("team", "default", "team"),
            new KeyRight("other", "default", "another"),
            new KeyRight("other", "west", "team"));
    DeclaredReceiver own =
        new DeclaredReceiver("own", "https://h/", "team", Set.of(NotificationKind.KILL_SWITCH));
    DeclaredReceiver all = new DeclaredReceiver("all", "https://h/", "team", Set.of());
    DeclaredReceiver foreign = new DeclaredReceiver("foreign", "https://h/", "other", Set.of());
    Manifest manifest = Manifests.withReceivers(fresh(), own, all, foreign);
    StoredWorkspace workspace = db.accept(manifest);
    assertThat(workspace.notifications()).containsExactly(own, all, foreign);
    StoredWorkspace silent = db.accept(fresh());
    for (StoredWorkspace each : List.of(workspace, silent)) {
      db.execute(
          ("INSERT INTO notification (workspace_id, type, \"time\", data) VALUES"
                  + " ('%1$s', 'kill-switch.activated', operator_clock(), '{}'),"
                  + " ('%1$s', 'budget.threshold', operator_clock(), '{}')")
              .formatted(each.id()));
    }

    assertThat(outbox.spread(List.of(), rights, 100).dropped()).isZero();

    assertThat(
            db.query(
                "SELECT receiver || ' ' || count(*) FROM notification_delivery GROUP BY receiver"
                    + " ORDER BY 1"))
        .containsExactly("workspace/all 2", "workspace/own 1");
    assertThat(outbox.claimOfWorkspaces(Health.FAILING, 10, MINUTE)).isEmpty();
    List<WorkspaceLane> lanes = outbox.claimOfWorkspaces(Health.GOOD, 10, MINUTE);
    assertThat(lanes)
        .extracting(lane -> lane.receiver().orElseThrow())
        .containsExactlyInAnyOrder(own, all);
    assertThat(lanes).allMatch(lane -> lane.workspace().equals(workspace.identity()));

    outbox.release(lanes.getFirst().lane(), 1, Duration.ZERO);
    assertThat(outbox.claimOfWorkspaces(Health.FAILING, 10, MINUTE)).hasSize(1);
    db.accept(Manifests.withReceivers(manifest));
    db.execute("UPDATE notification_lane SET due_at = operator_clock()");
    List<WorkspaceLane> removed =
        Stream.of(Health.values())
            .flatMap(health -> outbox.claimOfWorkspaces(health, 10, MINUTE).stream())
            .toList();
    assertThat(removed).hasSize(2).allMatch(lane -> lane.receiver().isEmpty());
    removed.forEach(lane -> outbox.drop(lane.lane()));
    assertThat(db.query("SELECT receiver FROM notification_delivery")).isEmpty();
    assertThat(db.query("SELECT receiver FROM notification_lane")).isEmpty();
    assertThat(db.audit(workspace.id()))
        .anyMatch(row ->
            row.startsWith("notifications/own: -")
                && row.contains("\"url_begins_with\":\"https://h\""))
        .anyMatch(row -> row.startsWith("notifications/own: {") && row.endsWith("-> -"));
  }

  @Test
  void anArchivedWorkspaceTellsItsReceiversNothingMore() throws SQLException {
    Manifest manifest =
        Manifests.withReceivers(
            fresh(), new DeclaredReceiver("own", "https://h/", "team", Set.of()));
    StoredWorkspace workspace = db.accept(manifest);
    db.archive(manifest);
    db.execute(
        ("INSERT INTO notification (workspace_id, type, \"time\", data) VALUES"
                + " ('%s', 'kill-switch.activated', operator_clock(), '{}')")
            .formatted(workspace.id()));

    outbox.spread(ALL, List.of(new KeyRight("team", "default", "team")), 100);

    assertThat(db.query("SELECT receiver FROM notification_delivery")).containsExactly("ops");
  }

  /** One that takes long is not taken for a good one again as soon as it has everything. */
  @Test
  void aSlowReceiverOfAWorkspaceIsRememberedForTenMinutes() throws SQLException {
    db.clockAt("2040-01-02T10:00:00Z");
    StoredWorkspace workspace =
        db.accept(
            Manifests.withReceivers(
                fresh(), new DeclaredReceiver("own", "https://h/", "team", Set.of())));
    List<KeyRight> rights = List.of(new KeyRight("team", "default", "team"));
    happen(workspace, 1);
    outbox.spread(List.of(), rights, 100);
    Lane lane = outbox.claimOfWorkspaces(Health.GOOD, 10, MINUTE).getFirst().lane();
    outbox.delivered(lane, outbox.oldest(lane, 10, THREE_DAYS));

    outbox.release(lane, 1, Duration.ZERO);

    for (Health health : Health.values()) {
      assertThat(outbox.claimOfWorkspaces(health, 10, MINUTE)).isEmpty();
    }
    outbox.forget(List.of());
    happen(workspace, 1);
    outbox.spread(List.of(), rights, 100);
    assertThat(outbox.claimOfWorkspaces(Health.GOOD, 10, MINUTE)).isEmpty();
    Lane again = outbox.claimOfWorkspaces(Health.FAILING, 10, MINUTE).getFirst().lane();
    outbox.delivered(again, outbox.oldest(again, 10, THREE_DAYS));
    outbox.release(again, 1, Duration.ZERO);
    db.clockAt("2040-01-02T10:10:01Z");
    outbox.forget(List.of());
    assertThat(db.query("SELECT receiver FROM notification_lane")).isEmpty();
  }

  /** What waits for receivers of workspaces hides nothing of what the installation's wait for. */
  @Test
  void howLongTheInstallationsReceiversWaitIsToldHoweverMuchOthersDo() throws SQLException {
    db.clockAt("2040-01-02T10:00:00Z");
    StoredWorkspace workspace = db.accept(fresh());
    db.execute(
        "INSERT INTO notification_delivery SELECT 'workspace/own', '%s', -n FROM generate_series(1, 100001) AS n"
            .formatted(workspace.id()));
    happen(workspace, 1);
    spread(ALL);

    db.clockAt("2040-01-02T19:00:00Z");

    assertThat(outbox.backlog(List.of("ops")).oldest()).isEqualTo(Duration.ofHours(9));
  }

  private void happen(StoredWorkspace workspace, int events) throws SQLException {
    db.execute(
        "INSERT INTO notification (workspace_id, type, \"time\", data) SELECT '%s', 'kill-switch.activated', operator_clock(), '{}' FROM generate_series(1, %d)"
            .formatted(workspace.id(), events));
  }

  @Test
  void aWorkspacesReceiverHasABoundedPartOfTheOutbox() throws SQLException {
    Manifest manifest =
        Manifests.withReceivers(
            fresh(), new DeclaredReceiver("own", "https://h/", "team", Set.of()));
    StoredWorkspace workspace = db.accept(manifest);
    List<KeyRight> rights = List.of(new KeyRight("team", "default", "team"));
    db.execute(
        "INSERT INTO notification_delivery SELECT 'workspace/own', '%s', -n FROM generate_series(1, %d) AS n"
            .formatted(workspace.id(), PostgresNotificationOutbox.OF_WORKSPACE_MAX - 1));

    happen(workspace, 3);
    assertThat(outbox.spread(ALL, rights, 100).dropped()).isEqualTo(2);
    happen(workspace, 1);
    assertThat(outbox.spread(ALL, rights, 100).dropped()).isEqualTo(1);
    assertThat(outbox.backlog(List.of("ops")).waiting()).isEqualTo(4);
  }
}
