package dev.workspaceoperator.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.sql.Partitions;
import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.port.ControllerFence;
import dev.workspaceoperator.workspace.port.DeclaredStore.ClusterAdoption;
import dev.workspaceoperator.workspace.port.Gathered;
import dev.workspaceoperator.workspace.port.SyncOutcome;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** A database of its own for a test class, the stores on it, and a look past them. */
public final class StoreFixture implements AutoCloseable {
  private static final ResourceIdentity NOBODY =
      new ResourceIdentity(Manifests.CLUSTER, "nobody", "nobody");

  final String url;
  final DatabaseSettings settings;
  public final Database database;
  final Database reserved;
  final PostgresDeclaredStore store;
  final PostgresWorkspaceRegistry registry;
  final PostgresApiKeys keys;
  final PostgresFleetApiKeys fleetKeys;
  public final PostgresOverrideStore overrides;
  final PostgresFleet fleet;
  final PostgresAuditLog auditLog;
  final AuditVerifier verifier;
  public final Partitions partitions;
  final PostgresRuntimeSettings settingsOf;
  final PostgresWorkspaceDirectory directory;
  final ControllerFence fence;

  private StoreFixture(String url) {
    this.url = url;
    this.settings = DatabaseSettings.of(url).withPoolSize(8);
    this.database = Database.open(settings);
    AuditChain chain = AuditChain.unkeyed();
    this.store = new PostgresDeclaredStore(database, chain);
    this.registry = new PostgresWorkspaceRegistry(database, chain);
    this.keys = new PostgresApiKeys(database, chain);
    this.fleetKeys = new PostgresFleetApiKeys(database, chain);
    this.overrides = new PostgresOverrideStore(database, chain);
    this.auditLog = new PostgresAuditLog(database);
    this.verifier = new AuditVerifier(database, chain);
    this.reserved = Database.open(settings.withPoolSize(2));
    this.settingsOf =
        new PostgresRuntimeSettings(
            database, new KillSwitchPools(reserved, reserved), chain, PlanDefaults.STANDARD);
    this.fleet = new PostgresFleet(database, reserved, chain);
    this.directory = new PostgresWorkspaceDirectory(database);
    this.partitions = Partitions.ofIdempotencyKeys(database);
    this.fence = store.raiseEpoch(Manifests.CLUSTER, "cluster-uid", ClusterAdoption.REFUSE);
  }

  public static StoreFixture open() throws InterruptedException {
    return on(SharedDatabase.create());
  }

  static StoreFixture on(String url) {
    return new StoreFixture(url);
  }

  /** What is known that bears on a manifest with keys of these digests. */
  Gathered gather(Manifest manifest, ApiKeyDigest... digests) {
    return store.gather(manifest.identity(), Optional.of(manifest.slug()), Set.of(digests));
  }

  public StoredWorkspace stored(ResourceIdentity identity) {
    return store.gather(identity, Optional.empty(), Set.of()).workspace().orElseThrow();
  }

  /** Syncs upon what is stored now, which must go through. */
  StoredWorkspace accept(Manifest manifest) {
    return accept(fence, manifest);
  }

  StoredWorkspace accept(ControllerFence by, Manifest manifest) {
    SyncOutcome outcome = store.sync(by, manifest, State.PRESENT, revision(manifest));
    assertThat(outcome).isInstanceOf(SyncOutcome.Applied.class);
    return ((SyncOutcome.Applied) outcome).gathered().workspace().orElseThrow();
  }

  /** The resource is deleted, and its last generation says {@code Delete}. */
  StoredWorkspace archive(Manifest manifest) {
    SyncOutcome outcome =
        store.sync(fence, Manifests.deletable(manifest), State.ARCHIVED, revision(manifest));
    return ((SyncOutcome.Applied) outcome).gathered().workspace().orElseThrow();
  }

  long revision(Manifest manifest) {
    return gather(manifest).workspace().map(StoredWorkspace::declaredRevision).orElse(0L);
  }

  /** {@code field: before -> after} of each audit row, in their order. */
  List<String> audit(UUID workspaceId) throws SQLException {
    return query(
        "SELECT format('%s: %s -> %s', field, coalesce(before::text, '-'), coalesce(after::text, '-'))"
            + " FROM audit WHERE workspace_id = '%s' ORDER BY seq".formatted(workspaceId));
  }

  public List<String> query(String sql) throws SQLException {
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

  public void execute(String sql) throws SQLException {
    try (Connection connection = database.pool().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The time by the database's clock. */
  Instant now() {
    return store.gather(NOBODY, Optional.empty(), Set.of()).now();
  }

  /** Stops the database's clock at this time. */
  public void clockAt(String time) throws SQLException {
    execute(
        "CREATE OR REPLACE FUNCTION operator_clock() RETURNS timestamptz LANGUAGE sql VOLATILE"
            + " PARALLEL SAFE RETURN '%s'::timestamptz".formatted(time));
  }

  @Override
  public void close() {
    settingsOf.close();
    directory.close();
    reserved.close();
    database.close();
  }
}
