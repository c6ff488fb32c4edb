package dev.workspaceoperator.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.AuditChain;
import dev.workspaceoperator.store.PostgresDeclaredStore;
import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.DeletionPolicy;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.Run;
import dev.workspaceoperator.workspace.SettingValues;
import dev.workspaceoperator.workspace.Step;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.TestSettings;
import dev.workspaceoperator.workspace.port.ControllerFence;
import dev.workspaceoperator.workspace.port.Created;
import dev.workspaceoperator.workspace.port.DeclaredStore.ClusterAdoption;
import dev.workspaceoperator.workspace.port.IdempotencyKey;
import dev.workspaceoperator.workspace.port.RunDraft;
import dev.workspaceoperator.workspace.port.RunRef;
import dev.workspaceoperator.workspace.port.StepDraft;
import dev.workspaceoperator.workspace.port.SyncOutcome;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/** A database of its own for a test class, a gate on it, and workspaces to be admitted to. */
public final class GateFixture implements AutoCloseable {
  private static final String CLUSTER = "default";
  private static final AtomicInteger COUNTER = new AtomicInteger();

  final DatabaseSettings settings;
  final Database database;
  final PostgresDeclaredStore store;
  private final ControllerFence fence;

  private GateFixture(String url) {
    settings = DatabaseSettings.of(url).withPoolSize(8);
    database = Database.open(settings);
    store = new PostgresDeclaredStore(database, AuditChain.unkeyed());
    fence = store.raiseEpoch(CLUSTER, "cluster-uid", ClusterAdoption.REFUSE);
  }

  static GateFixture open() throws InterruptedException {
    return on(SharedDatabase.create());
  }

  static GateFixture on(String url) {
    return new GateFixture(url);
  }

  Gate gate() {
    return gate(GateSettings.STANDARD, new SimpleMeterRegistry());
  }

  Gate gate(GateSettings how, MeterRegistry registry) {
    return Gate.open(settings, how, registry);
  }

  /** A workspace of plan Scale without limits but the run cap of a million. */
  UUID workspace() {
    return workspace(
        TestSettings.values(
            Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(1_000_000)));
  }

  /** A workspace of plan Scale. */
  UUID workspace(SettingValues values) {
    return workspace(Plan.SCALE, values);
  }

  /** A workspace of a plan, without limits of its own. */
  UUID workspace(Plan plan) {
    return workspace(
        plan,
        TestSettings.values(
            Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()));
  }

  private UUID workspace(Plan plan, SettingValues values) {
    return accept(
        manifest(
            COUNTER.incrementAndGet(),
            1,
            new DeclaredSettings(plan, values, Optional.empty(), Optional.empty())));
  }

  static Manifest manifest(int number, long generation, DeclaredSettings settings) {
    String name = "gate-" + number;
    return new Manifest(
        new ResourceIdentity(CLUSTER, "team", name),
        "uid-" + name,
        generation,
        name,
        settings,
        DeletionPolicy.RETAIN,
        List.of(),
        List.of());
  }

  UUID accept(Manifest manifest) {
    long revision =
        store
            .gather(manifest.identity(), Optional.of(manifest.slug()), Set.of())
            .workspace()
            .map(it -> it.declaredRevision())
            .orElse(0L);
    SyncOutcome outcome = store.sync(fence, manifest, State.PRESENT, revision);
    assertThat(outcome).isInstanceOf(SyncOutcome.Applied.class);
    return ((SyncOutcome.Applied) outcome).gathered().workspace().orElseThrow().id();
  }

  static SettingValues budget(String usd) {
    return TestSettings.values(
        Optional.empty(),
        Optional.of(Budget.ofUsd(new BigDecimal(usd))),
        Optional.empty(),
        Optional.of(1_000_000));
  }

  static SettingValues cap(int runs) {
    return TestSettings.values(
        Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(runs));
  }

  static RunDraft run(UUID workspaceId, String user) {
    return new RunDraft(workspaceId, user, 30, Optional.empty(), Map.of(), Optional.empty());
  }

  static StepDraft step(UUID workspaceId, Run run, String usd) {
    return new StepDraft(
        RunRef.of(workspaceId, run.id()),
        Optional.of(usd(usd)),
        Optional.empty(),
        Map.of(),
        Optional.empty());
  }

  static RunDraft withKey(RunDraft draft, String key, String fingerprint) {
    return new RunDraft(
        draft.workspaceId(),
        draft.userId(),
        draft.leaseSeconds(),
        draft.maxCost(),
        draft.labels(),
        Optional.of(new IdempotencyKey(key, fingerprint)));
  }

  static StepDraft withKey(StepDraft draft, String key, String fingerprint) {
    return new StepDraft(
        draft.run(),
        draft.maxCost(),
        draft.name(),
        draft.labels(),
        Optional.of(new IdempotencyKey(key, fingerprint)));
  }

  static MicroUsd usd(String usd) {
    return MicroUsd.ofUsd(new BigDecimal(usd));
  }

  public static <T> T done(Outcome<T> outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Done.class);
    return ((Outcome.Done<T>) outcome).value();
  }

  static Run started(Outcome<Created<Run>> outcome) {
    return done(outcome).value();
  }

  static Step admitted(Outcome<Created<Step>> outcome) {
    return done(outcome).value();
  }

  public static Refusal refusal(Outcome<?> outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Refused.class);
    return ((Outcome.Refused<?>) outcome).refusal();
  }

  /** Stops the database's clock at this time. */
  void setClock(Instant time) throws SQLException {
    execute(
        "CREATE OR REPLACE FUNCTION operator_clock() RETURNS timestamptz"
            + " LANGUAGE sql VOLATILE PARALLEL SAFE RETURN timestamptz '%s'".formatted(time));
  }

  List<String> query(String sql) throws SQLException {
    try (Connection connection = database.pool().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> values = new ArrayList<>();
      while (rows.next()) {
        values.add(String.valueOf(rows.getString(1)));
      }
      return values;
    }
  }

  void execute(String sql) throws SQLException {
    try (Connection connection = database.pool().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() {
    database.close();
  }
}
