package dev.workspaceoperator.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.workspaceoperator.sql.CanonicalJson;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.sql.SqlStates;
import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.DeclaredApiKey;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.port.ClusterNameTakenException;
import dev.workspaceoperator.workspace.port.ControllerFence;
import dev.workspaceoperator.workspace.port.DeclaredStore;
import dev.workspaceoperator.workspace.port.Gathered;
import dev.workspaceoperator.workspace.port.LostHistory;
import dev.workspaceoperator.workspace.port.SyncOutcome;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * The declared layer in PostgreSQL.
 *
 * <p>A write takes three round trips: the fence and the workspace's row are locked and everything
 * is read anew; what changed is written with its audit rows, and read back; COMMIT. It is announced
 * after that.
 */
public final class PostgresDeclaredStore implements DeclaredStore {
  private static final Sql RAISE_EPOCH = Sql.load("declared/raiseEpoch");
  private static final Sql GATHER = Sql.load("declared/gather");
  private static final Sql LOCK_AND_GATHER =
      Sql.pipeline(
          Sql.load("declared/lockEpoch"),
          Sql.load("declared/lockIdentity"),
          Sql.load("declared/lockWorkspace"),
          GATHER);
  private static final Sql TELL_ONCE = Sql.load("notification/tellOnce");
  private static final Sql REVISIONS_OF_PRESENT = Sql.load("declared/revisionsOfPresent");

  /** Constraints that two manifests can meet at the same moment: whoever is second looks again. */
  private static final Set<String> CONTESTED =
      Set.of("workspace_slug_held", "workspace_identity", "api_key_pkey");

  private final Database database;
  private final DeclaredWrites writes;
  private final LossRecord losses;

  public PostgresDeclaredStore(Database database, AuditChain audit) {
    this.database = database;
    this.writes = new DeclaredWrites(audit);
    this.losses = new LossRecord(audit);
  }

  @Override
  public ControllerFence raiseEpoch(String cluster, String clusterUid, ClusterAdoption adoption) {
    return database.transact(connection -> {
      try (NamedStatement statement = NamedStatement.of(connection, RAISE_EPOCH)) {
        statement
            .text("cluster", cluster)
            .text("cluster_uid", clusterUid)
            .flag("adopt", adoption == ClusterAdoption.ADOPT)
            .run();
        ResultSet row = statement.nextRows();
        if (!row.next()) {
          throw new ClusterNameTakenException(
              ("Another cluster writes to this store as \"%s\". Give this one another"
                      + " cluster.name, or take its workspaces over with --adopt-cluster.")
                  .formatted(cluster));
        }
        return new ControllerFence(cluster, row.getLong("controller_epoch"));
      }
    });
  }

  @Override
  public Gathered gather(
      ResourceIdentity identity, Optional<String> slug, Set<ApiKeyDigest> digests) {
    return database.read(connection -> {
      try (NamedStatement statement = NamedStatement.of(connection, GATHER)) {
        DeclaredWrites.bindGather(statement, identity, slug, digests).run();
        return DeclaredWrites.gathered(statement.nextRows());
      }
    });
  }

  @Override
  public void tellPlanRefusal(
      ResourceIdentity identity, String resourceUid, long generation, String message) {
    boolean _ =
        database.transact(connection -> {
          // One that was never accepted has no row: its events have an order of their own, under
          // the lock
          // of its identity, and never wait for those of the installation, nor those for them.
          UUID workspaceId =
              lock(connection, identity)
                  .workspace()
                  .map(StoredWorkspace::id)
                  .orElseGet(() -> UUID.nameUUIDFromBytes(resourceUid.getBytes(UTF_8)));
          try (NamedStatement statement = NamedStatement.of(connection, TELL_ONCE)) {
            statement
                .uuid("workspace_id", workspaceId)
                .text("type", "plan.refused")
                .text("data", refusalJson(identity, generation, message))
                .text("once", "plan/%s/%d".formatted(resourceUid, generation))
                .run();
          }
          return true;
        });
  }

  private static String refusalJson(ResourceIdentity identity, long generation, String message) {
    return CanonicalJson.object(
        Map.of(
            "cluster", Optional.of(CanonicalJson.text(identity.cluster())),
            "namespace", Optional.of(CanonicalJson.text(identity.namespace())),
            "name", Optional.of(CanonicalJson.text(identity.name())),
            "generation", Optional.of(CanonicalJson.integer(generation)),
            "message", Optional.of(CanonicalJson.text(message))));
  }

  @Override
  public SyncOutcome sync(
      ControllerFence fence, Manifest manifest, State state, long expectedDeclaredRevision) {
    Set<ApiKeyDigest> digests =
        manifest.apiKeys().stream().map(DeclaredApiKey::digest).collect(Collectors.toSet());
    return database.transactAndTell((connection, notifications) -> {
      Gathered before =
          lock(connection, manifest.identity(), Optional.of(manifest.slug()), digests);
      Optional<SyncOutcome> refusal =
          refusal(fence, manifest, state, before, expectedDeclaredRevision);
      if (refusal.isPresent()) {
        connection.rollback();
        return refusal.get();
      }
      requireSameSlug(manifest, before);
      return write(
          connection,
          () ->
              writes.sync(
                  connection,
                  notifications,
                  fence,
                  manifest,
                  before,
                  DeclaredChange.of(manifest, state, before)));
    });
  }

  @Override
  public SyncOutcome thaw(ControllerFence fence, ResourceIdentity identity, String resourceUid) {
    return database.transactAndTell((connection, notifications) -> {
      Gathered before = lock(connection, identity);
      if (before.controllerEpoch() != fence.epoch()) {
        connection.rollback();
        return new SyncOutcome.Fenced(before.controllerEpoch());
      }
      // A workspace whose slug was released cannot be present before it has another.
      Optional<StoredWorkspace> frozen =
          before
              .workspace()
              .filter(it -> it.state() == State.FROZEN)
              .filter(it -> it.slug().isPresent());
      if (frozen.isEmpty()) {
        connection.rollback();
        return new SyncOutcome.Applied(before);
      }
      String actor = "manifest %s, which is refused".formatted(resourceUid);
      return new SyncOutcome.Applied(
          writes.move(
              connection,
              notifications,
              frozen.get(),
              before.now(),
              State.PRESENT,
              AuditLayer.DECLARED,
              actor));
    });
  }

  @Override
  public SyncOutcome retire(ControllerFence fence, ResourceIdentity identity) {
    return database.transactAndTell((connection, notifications) -> {
      Gathered before = lock(connection, identity);
      if (before.controllerEpoch() != fence.epoch()) {
        connection.rollback();
        return new SyncOutcome.Fenced(before.controllerEpoch());
      }
      Optional<StoredWorkspace> leaving =
          before
              .workspace()
              .filter(it -> it.state().compareTo(State.ofDeleted(it.deletionPolicy())) < 0);
      if (leaving.isEmpty()) {
        connection.rollback();
        return new SyncOutcome.Applied(before);
      }
      StoredWorkspace workspace = leaving.get();
      return new SyncOutcome.Applied(
          writes.move(
              connection,
              notifications,
              workspace,
              before.now(),
              State.ofDeleted(workspace.deletionPolicy()),
              AuditLayer.DECLARED,
              DeclaredChange.deletionOf(workspace.resourceUid())));
    });
  }

  @Override
  public LostHistory.Answer knows(LostHistory.Question question) {
    return database.read(connection -> LossRecord.answer(connection, question));
  }

  @Override
  public SyncOutcome recordLoss(
      ControllerFence fence, ResourceIdentity identity, LostHistory lost) {
    return database.transactAndTell((connection, notifications) -> {
      Gathered before = lock(connection, identity);
      if (before.controllerEpoch() != fence.epoch()) {
        connection.rollback();
        return new SyncOutcome.Fenced(before.controllerEpoch());
      }
      Optional<StoredWorkspace> workspace = before.workspace();
      if (workspace.isEmpty()) {
        connection.rollback();
        return new SyncOutcome.Applied(before);
      }
      return new SyncOutcome.Applied(
          losses.write(connection, notifications, before, workspace.get(), lost));
    });
  }

  @Override
  public Map<ResourceIdentity, Long> revisionsOfPresent(String cluster) {
    return database.read(connection -> {
      try (NamedStatement statement = NamedStatement.of(connection, REVISIONS_OF_PRESENT)) {
        ResultSet row = statement.text("cluster", cluster).run().nextRows();
        Map<ResourceIdentity, Long> revisions = new HashMap<>();
        while (row.next()) {
          revisions.put(
              new ResourceIdentity(
                  cluster, row.getString("namespace"), row.getString("resource_name")),
              row.getLong("revision"));
        }
        return revisions;
      }
    });
  }

  /**
   * Locks the cluster's epoch and the workspace, be it there or not, and reads everything there is
   * about it.
   */
  static Gathered lock(Connection connection, ResourceIdentity identity) throws SQLException {
    return lock(connection, identity, Optional.empty(), Set.of());
  }

  private static Gathered lock(
      Connection connection,
      ResourceIdentity identity,
      Optional<String> slug,
      Set<ApiKeyDigest> digests)
      throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, LOCK_AND_GATHER)) {
      DeclaredWrites.bindGather(statement, identity, slug, digests).run();
      statement.nextRows();
      statement.nextRows();
      statement.nextRows();
      return DeclaredWrites.gathered(statement.nextRows());
    }
  }

  private static Optional<SyncOutcome> refusal(
      ControllerFence fence,
      Manifest manifest,
      State state,
      Gathered before,
      long expectedDeclaredRevision) {
    if (before.controllerEpoch() != fence.epoch()) {
      return Optional.of(new SyncOutcome.Fenced(before.controllerEpoch()));
    }
    boolean newerIsStored =
        before
            .workspace()
            .filter(it -> it.resourceUid().equals(manifest.uid()))
            .filter(it -> it.controllerEpoch() == fence.epoch())
            .filter(it -> it.resourceGeneration() > manifest.generation())
            .isPresent();
    if (newerIsStored) {
      return Optional.of(new SyncOutcome.OldGeneration());
    }
    long declaredRevision = before.workspace().map(StoredWorkspace::declaredRevision).orElse(0L);
    boolean slugTaken = before.slugTaken() && state != State.ARCHIVED;
    return declaredRevision != expectedDeclaredRevision || slugTaken
        ? Optional.of(new SyncOutcome.Conflict())
        : Optional.empty();
  }

  private static void requireSameSlug(Manifest manifest, Gathered before) {
    before
        .workspace()
        .flatMap(it -> it.slugBindingOn(manifest))
        .filter(slug -> !slug.equals(manifest.slug()))
        .ifPresent(slug -> {
          throw new IllegalStateException(
              "the slug of %s is immutable: it is %s, and the manifest's %s is to be refused"
                  .formatted(manifest.identity(), slug, manifest.slug()));
        });
  }

  private static SyncOutcome write(Connection connection, Write write) throws SQLException {
    try {
      Optional<Gathered> after = write.run();
      if (after.isEmpty()) {
        connection.rollback();
        return new SyncOutcome.Conflict();
      }
      return new SyncOutcome.Applied(after.get());
    } catch (PSQLException e) {
      ServerErrorMessage message = e.getServerErrorMessage();
      if (SqlStates.UNIQUE_VIOLATION.equals(e.getSQLState())
          && message != null
          && CONTESTED.contains(String.valueOf(message.getConstraint()))) {
        connection.rollback();
        return new SyncOutcome.Conflict();
      }
      throw e;
    }
  }

  /** Writes; empty if somebody else was faster. */
  private interface Write {
    Optional<Gathered> run() throws SQLException;
  }
}
