package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.CanonicalJson;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.PendingNotifications;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.sql.WorkspaceRows;
import dev.workspaceoperator.workspace.AuditHead;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.port.Gathered;
import dev.workspaceoperator.workspace.port.WorkspaceRegistry;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The administrator's view in PostgreSQL. */
public final class PostgresWorkspaceRegistry implements WorkspaceRegistry {
  private static final Sql LIST = Sql.load("registry/list");
  private static final Sql FIND_BY_SLUG = Sql.load("registry/findBySlug");
  private static final Sql RELEASE_SLUG =
      Sql.pipeline(Sql.load("registry/releaseSlug"), AuditChain.APPEND);

  private final Database database;
  private final AuditChain audit;
  private final PostgresDeclaredStore declared;
  private final DeclaredWrites writes;

  public PostgresWorkspaceRegistry(Database database, AuditChain audit) {
    this.database = database;
    this.audit = audit;
    this.declared = new PostgresDeclaredStore(database, audit);
    this.writes = new DeclaredWrites(audit);
  }

  @Override
  public List<StoredWorkspace> list() {
    return database.read(connection -> {
      try (NamedStatement statement = NamedStatement.of(connection, LIST)) {
        ResultSet row = statement.run().nextRows();
        List<StoredWorkspace> workspaces = new ArrayList<>();
        while (row.next()) {
          workspaces.add(WorkspaceRows.workspace(row, WorkspaceRows.requiredTime(row, "now")));
        }
        return workspaces;
      }
    });
  }

  @Override
  public Optional<StoredWorkspace> findBySlug(String slug) {
    Optional<ResourceIdentity> identity =
        database.read(connection -> {
          try (NamedStatement statement = NamedStatement.of(connection, FIND_BY_SLUG)) {
            ResultSet row = statement.text("slug", slug).run().nextRows();
            return row.next() ? Optional.of(WorkspaceRows.identity(row)) : Optional.empty();
          }
        });
    return identity.flatMap(it -> declared.gather(it, Optional.empty(), Set.of()).workspace());
  }

  @Override
  public RegistryOutcome archive(ResourceIdentity identity, String actor) {
    return withLocked(
        identity,
        (connection, notifications, workspace, before) -> {
          if (workspace.state() != State.ARCHIVED) {
            writes.move(
                connection,
                notifications,
                workspace,
                before.now(),
                State.ARCHIVED,
                AuditLayer.FROZEN,
                actor);
          }
        });
  }

  @Override
  public RegistryOutcome releaseSlug(ResourceIdentity identity, String actor) {
    return withLocked(
        identity,
        (connection, notifications, workspace, before) -> {
          // The slug of an archived workspace is free already, and stays in its books.
          if (workspace.state() == State.FROZEN && workspace.slug().isPresent()) {
            releaseSlug(connection, notifications, workspace, before, actor);
          }
        });
  }

  private void releaseSlug(
      Connection connection,
      PendingNotifications notifications,
      StoredWorkspace workspace,
      Gathered before,
      String actor)
      throws SQLException {
    AuditEntry entry =
        AuditEntry.of(
            actor,
            AuditLayer.FROZEN,
            "slug",
            workspace.slug().map(CanonicalJson::text),
            Optional.empty());
    AuditChain.Links links =
        audit.link(workspace.id(), workspace.auditHead(), before.now(), List.of(entry));
    AuditHead head = links.head();
    try (NamedStatement statement = NamedStatement.of(connection, RELEASE_SLUG)) {
      links.bind(statement);
      statement
          .uuid("workspace_id", workspace.id())
          .bigint("audit_seq", head.seq())
          .bytes("audit_hash", HexFormat.of().parseHex(head.hash()))
          .time("now", before.now())
          .run();
    }
    notifications.changed(workspace.identity(), workspace.revision() + 1);
    notifications.freed();
  }

  private RegistryOutcome withLocked(ResourceIdentity identity, Change change) {
    return database.transactAndTell((connection, notifications) -> {
      Gathered before = PostgresDeclaredStore.lock(connection, identity);
      Optional<StoredWorkspace> workspace = before.workspace();
      if (workspace.isEmpty()) {
        return RegistryOutcome.NOT_FOUND;
      }
      if (workspace.get().state() == State.PRESENT) {
        return RegistryOutcome.RESOURCE_PRESENT;
      }
      change.make(connection, notifications, workspace.get(), before);
      return RegistryOutcome.DONE;
    });
  }

  /** Changes a workspace whose row is locked. */
  private interface Change {
    void make(
        Connection connection,
        PendingNotifications notifications,
        StoredWorkspace workspace,
        Gathered before)
        throws SQLException;
  }
}
