package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.CanonicalJson;
import dev.workspaceoperator.sql.Cursor;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.PlatformLatch;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.sql.Standbys;
import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.port.Actor;
import dev.workspaceoperator.workspace.port.FleetStore;
import dev.workspaceoperator.workspace.port.Page;
import dev.workspaceoperator.workspace.port.Snapshot;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/** What reaches beyond one workspace, in PostgreSQL. */
public final class PostgresFleet implements FleetStore {
  private static final Sql PAGE = Sql.load("fleet/page");
  private static final Sql SWITCH_KILL =
      Sql.pipeline(Sql.load("platform/switchKill"), AuditChain.APPEND);
  private static final Sql PAGE_OF_KILLED = Sql.load("fleet/pageOfKilled");
  private static final Sql PAGE_BY_SPENT = Sql.load("fleet/pageBySpent");
  private static final Cursor START = Cursor.of(Long.toString(Long.MAX_VALUE), "", "", "");

  private final Database database;
  private final Database reserved;
  private final AuditChain audit;

  /**
   * The fleet of this database.
   *
   * @param reserved one or two connections for the platform's kill switch alone
   */
  public PostgresFleet(Database database, Database reserved, AuditChain audit) {
    this.database = database;
    this.reserved = reserved;
    this.audit = audit;
  }

  @Override
  public Page<Snapshot> workspaces(Selection selection, Page.Request request) {
    String list = "workspaces by " + selection.order();
    Cursor from = Cursor.read(list, 4, request).orElse(START);
    return database.read(connection -> {
      Map<UUID, Long> spent = page(connection, selection, from, request.limit() + 1);
      List<UUID> ids = List.copyOf(spent.keySet());
      Map<UUID, Snapshot> found = Snapshots.read(connection, ids);
      List<Snapshot> rows = ids.stream().map(id -> Objects.requireNonNull(found.get(id))).toList();
      return Cursor.page(
          list,
          request,
          rows,
          snapshot ->
              place(snapshot, Objects.requireNonNull(spent.get(snapshot.workspace().id()))));
    });
  }

  /**
   * The Platform latch as it is now, if it is engaged; told without a lock, once the standbys have
   * it.
   */
  @Override
  public Optional<KillLatch> killLatch() {
    return reserved.transact(connection -> {
      Optional<KillLatch> latch = Platform.latch(connection);
      if (latch.isPresent()) {
        Standbys.await(connection);
      }
      return latch;
    });
  }

  @Override
  public Optional<KillLatch> switchKill(boolean active, Optional<String> reason, Actor actor) {
    return reserved.transactAndTell((connection, notifications) -> {
      PlatformLatch.take(connection);
      Platform before = Platform.lock(connection);
      if (before.latch().isPresent() == active) {
        Standbys.await(connection);
        return before.latch();
      }
      Optional<KillLatch> after =
          active
              ? Optional.of(new KillLatch(KillLatch.Holder.PLATFORM, before.now(), reason))
              : Optional.empty();
      AuditEntry entry =
          new AuditEntry(
              actor.name(),
              AuditLayer.PLATFORM,
              "kill_switch",
              Optional.of(CanonicalJson.bool(!active)),
              Optional.of(CanonicalJson.bool(active)),
              reason,
              actor.requestId());
      AuditChain.Links links = write(connection, before, after, entry, actor);
      notifications.platformChanged();
      notifications.onceCommitted(() -> TransitionLog.tell(links));
      return after;
    });
  }

  private AuditChain.Links write(
      Connection connection,
      Platform before,
      Optional<KillLatch> latch,
      AuditEntry entry,
      Actor actor)
      throws SQLException {
    AuditChain.Links links =
        audit.link(AuditChain.INSTALLATION, before.auditHead(), before.now(), List.of(entry));
    try (NamedStatement statement = NamedStatement.of(connection, SWITCH_KILL)) {
      links.bind(statement);
      statement
          .time("since", latch.map(KillLatch::since).orElse(null))
          .text("reason", latch.flatMap(KillLatch::reason).orElse(null))
          .text("actor", latch.map(_ -> actor.name()).orElse(null))
          .bigint("audit_seq", links.head().seq())
          .bytes("audit_hash", HexFormat.of().parseHex(links.head().hash()))
          .run();
      return links;
    }
  }

  /** The ids in their order, and what each had spent when the order was made. */
  private static Map<UUID, Long> page(
      Connection connection, Selection selection, Cursor from, int rows) throws SQLException {
    Sql page =
        switch (selection.order()) {
          case SPENT -> PAGE_BY_SPENT;
          // With a filter that may be absent, the plan could sort all of them.
          case IDENTITY -> selection.killed().isPresent() ? PAGE_OF_KILLED : PAGE;
        };
    try (NamedStatement statement = NamedStatement.of(connection, page)) {
      if (page.parameters().contains("spent")) {
        statement.bigint("spent", from.number());
      }
      if (page.parameters().contains("killed")) {
        statement.flag("killed", selection.killed().orElse(null));
      }
      statement
          .text("cluster", from.parts().get(1))
          .text("namespace", from.parts().get(2))
          .text("resource_name", from.parts().get(3))
          .integer("rows", rows);
      ResultSet row = statement.run().nextRows();
      Map<UUID, Long> spent = new LinkedHashMap<>();
      while (row.next()) {
        spent.put(
            Objects.requireNonNull(row.getObject("workspace_id", UUID.class)),
            row.getLong("spent_micro_usd"));
      }
      return spent;
    }
  }

  private static Cursor place(Snapshot snapshot, long spent) {
    ResourceIdentity identity = snapshot.workspace().identity();
    return Cursor.of(
        Long.toString(spent), identity.cluster(), identity.namespace(), identity.name());
  }
}
