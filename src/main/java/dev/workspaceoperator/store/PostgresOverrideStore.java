package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.CanonicalJson;
import dev.workspaceoperator.sql.Cursor;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.PendingNotifications;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.sql.UuidV7;
import dev.workspaceoperator.sql.WorkspaceRows;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingsOverride;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.port.Actor;
import dev.workspaceoperator.workspace.port.Created;
import dev.workspaceoperator.workspace.port.IdempotencyKey;
import dev.workspaceoperator.workspace.port.OverrideStore;
import dev.workspaceoperator.workspace.port.Page;
import dev.workspaceoperator.workspace.port.Snapshot;
import dev.workspaceoperator.workspace.rule.OverrideRule;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/** Time-boxed exceptions in PostgreSQL. */
public final class PostgresOverrideStore implements OverrideStore {
  private static final Sql LIVE = Sql.load("overrides/live");
  private static final Sql FIND = Sql.load("overrides/find");
  private static final Sql INSERT = Sql.load("overrides/insert");
  private static final Sql DELETE = Sql.load("overrides/delete");
  private static final Sql ENDING = Sql.load("overrides/ending");
  private static final Sql LOCK_SWEEP = Sql.load("overrides/lockSweep");
  private static final Sql END = Sql.load("overrides/end");

  /** Those of a setting of a later release are that one's to tell of and to end. */
  private static final List<String> KNOWN =
      Setting.overridable().stream().map(Setting::restName).toList();

  private static final String LIST = "overrides";
  private static final Duration LONGEST = Duration.ofHours(24);
  private static final int WORKSPACES_PER_SWEEP = 1_000;

  private final Database database;
  private final WorkspaceWrites writes;

  public PostgresOverrideStore(Database database, AuditChain audit) {
    this.database = database;
    this.writes = new WorkspaceWrites(audit);
  }

  @Override
  public Page<StoredOverride> list(UUID workspaceId, Page.Request request) {
    Optional<Cursor> from = Cursor.read(LIST, 2, request);
    return database.read(connection -> {
      try (NamedStatement statement = NamedStatement.of(connection, LIVE)) {
        statement
            .uuid("workspace_id", workspaceId)
            .time("before_time", from.map(Cursor::time).orElse(null))
            .uuid("before_id", from.map(Cursor::id).orElse(null))
            .texts("known_settings", KNOWN)
            .integer("rows", request.limit() + 1);
        return Cursor.page(
            LIST,
            request,
            entries(statement.run().nextRows()),
            entry -> Cursor.of(entry.override().createdAt(), entry.override().id()));
      }
    });
  }

  @Override
  public Outcome<Created<StoredOverride>> create(
      UUID workspaceId, Draft draft, Optional<IdempotencyKey> idempotency, Actor actor) {
    return new OverrideCreation(draft, actor).run(database, workspaceId, idempotency);
  }

  @Override
  public Outcome<UUID> delete(UUID workspaceId, UUID overrideId, Actor actor) {
    return database.transactAndTell((connection, notifications) -> {
      Optional<Snapshot> before = WorkspaceWrites.lock(connection, workspaceId);
      if (before.isEmpty()) {
        return Outcome.refused(new Refusal.NotFound());
      }
      if (before.get().workspace().state() == StoredWorkspace.State.ARCHIVED) {
        return Outcome.refused(new Refusal.Archived());
      }
      Instant now = before.get().now();
      List<StoredOverride> deleted;
      try (NamedStatement statement = NamedStatement.of(connection, DELETE)) {
        statement
            .uuid("workspace_id", workspaceId)
            .uuid("override_id", overrideId)
            .texts("known_settings", KNOWN)
            .time("now", now);
        deleted = entries(statement.run().nextRows());
      }
      if (deleted.isEmpty()) {
        return Outcome.refused(new Refusal.NotFound());
      }
      record(connection, notifications, before.get(), List.of(removal(deleted.getFirst(), actor)));
      return Outcome.done(overrideId);
    });
  }

  @Override
  public int sweep() {
    List<UUID> workspaces =
        database.read(connection -> {
          try (NamedStatement statement = NamedStatement.of(connection, ENDING)) {
            ResultSet row =
                statement
                    .integer("workspaces", WORKSPACES_PER_SWEEP)
                    .texts("known_settings", KNOWN)
                    .run()
                    .nextRows();
            List<UUID> found = new ArrayList<>();
            while (row.next()) {
              found.add(Objects.requireNonNull(row.getObject("workspace_id", UUID.class)));
            }
            return found;
          }
        });
    int ended = 0;
    for (UUID workspaceId : workspaces) {
      ended +=
          database.transactAndTell((connection, notifications) ->
              mayEnd(connection, workspaceId) ? end(connection, notifications, workspaceId) : 0);
    }
    return ended;
  }

  private static boolean mayEnd(Connection connection, UUID workspaceId) throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, LOCK_SWEEP)) {
      ResultSet row = statement.uuid("workspace_id", workspaceId).run().nextRows();
      return row.next() && row.getBoolean("mine");
    }
  }

  private int end(Connection connection, PendingNotifications notifications, UUID workspaceId)
      throws SQLException {
    Snapshot before = WorkspaceWrites.lock(connection, workspaceId).orElseThrow();
    List<StoredOverride> ended;
    try (NamedStatement statement = NamedStatement.of(connection, END)) {
      statement
          .uuid("workspace_id", workspaceId)
          .texts("known_settings", KNOWN)
          .time("now", before.now());
      ended = entries(statement.run().nextRows());
    }
    if (!ended.isEmpty()) {
      List<AuditEntry> entries =
          ended.stream()
              .map(it ->
                  removal(it, new Actor("end of override " + it.override().id(), Optional.empty())))
              .toList();
      record(connection, notifications, before, entries);
    }
    return ended.size();
  }

  private void record(
      Connection connection,
      PendingNotifications notifications,
      Snapshot before,
      List<AuditEntry> entries)
      throws SQLException {
    writes.record(
        connection,
        notifications,
        before.workspace(),
        before.now(),
        WorkspaceWrites.Step.RUNTIME,
        entries);
  }

  private static AuditEntry removal(StoredOverride entry, Actor actor) {
    return new AuditEntry(
        actor.name(),
        AuditLayer.OVERRIDE,
        entry.override().setting().restName(),
        Optional.of(json(entry.override())),
        Optional.empty(),
        Optional.empty(),
        actor.requestId());
  }

  private static String json(SettingsOverride override) {
    return CanonicalJson.object(
        Map.of(
            "id", Optional.of(CanonicalJson.text(override.id().toString())),
            "value", Optional.of(SettingJson.of(override.decoded())),
            "expires_at", Optional.of(CanonicalJson.text(override.expiresAt().toString()))));
  }

  private static List<StoredOverride> entries(ResultSet row) throws SQLException {
    List<StoredOverride> entries = new ArrayList<>();
    while (row.next()) {
      entries.add(
          new StoredOverride(
              new SettingsOverride(
                  Objects.requireNonNull(row.getObject("override_id", UUID.class)),
                  Setting.ofRestName(row.getString("setting")).orElseThrow(),
                  row.getLong("value"),
                  WorkspaceRows.requiredTime(row, "expires_at"),
                  WorkspaceRows.requiredTime(row, "created_at")),
              row.getString("reason"),
              row.getString("created_by")));
    }
    return entries;
  }

  /** Makes one override. */
  private final class OverrideCreation extends IdempotentCreate<StoredOverride> {
    private final Draft draft;
    private final Actor actor;

    OverrideCreation(Draft draft, Actor actor) {
      super("override");
      this.draft = draft;
      this.actor = actor;
    }

    @Override
    Outcome<StoredOverride> make(
        Connection connection, PendingNotifications notifications, Snapshot before)
        throws SQLException {
      Instant now = before.now();
      // PostgreSQL keeps microseconds, and the answer must be what is stored.
      Instant expiresAt = draft.expiresAt().truncatedTo(ChronoUnit.MICROS);
      if (!expiresAt.isAfter(now) || expiresAt.isAfter(now.plus(LONGEST))) {
        throw new InvalidEndException(now);
      }
      StoredWorkspace workspace = before.workspace();
      Optional<Refusal> refusal = OverrideRule.judge(workspace, draft.setting());
      if (refusal.isPresent()) {
        return Outcome.refused(refusal.get());
      }
      SettingsOverride override =
          new SettingsOverride(UuidV7.at(now), draft.setting(), draft.value(), expiresAt, now);
      try (NamedStatement statement = NamedStatement.of(connection, INSERT)) {
        statement
            .uuid("workspace_id", workspace.id())
            .uuid("override_id", override.id())
            .text("setting", override.setting().restName())
            .bigint("value", override.value())
            .text("reason", draft.reason())
            .text("created_by", actor.name())
            .time("now", now)
            .time("expires_at", expiresAt)
            .run();
      }
      AuditEntry entry =
          new AuditEntry(
              actor.name(),
              AuditLayer.OVERRIDE,
              override.setting().restName(),
              Optional.empty(),
              Optional.of(json(override)),
              Optional.of(draft.reason()),
              actor.requestId());
      record(connection, notifications, before, List.of(entry));
      return Outcome.done(new StoredOverride(override, draft.reason(), actor.name()));
    }

    @Override
    Optional<StoredOverride> load(Connection connection, UUID workspaceId, UUID id)
        throws SQLException {
      try (NamedStatement statement = NamedStatement.of(connection, FIND)) {
        statement.uuid("workspace_id", workspaceId).uuid("override_id", id);
        return entries(statement.run().nextRows()).stream().findFirst();
      }
    }

    @Override
    UUID idOf(StoredOverride made) {
      return made.override().id();
    }
  }
}
