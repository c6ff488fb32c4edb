package dev.workspaceoperator.sql;

import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.AuditHead;
import dev.workspaceoperator.workspace.DeclaredApiKey;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.DeletionPolicy;
import dev.workspaceoperator.workspace.KillLatch;
import dev.workspaceoperator.workspace.KillSwitch;
import dev.workspaceoperator.workspace.Layers;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingValues;
import dev.workspaceoperator.workspace.SettingsOverride;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.Usage;
import dev.workspaceoperator.workspace.port.Gathered;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of {@code declared/gather.sql}, {@code registry/list.sql} and others of their
 * shape.
 */
public final class WorkspaceRows {
  private WorkspaceRows() {}

  public static Gathered gathered(ResultSet row) throws SQLException {
    Set<ApiKeyDigest> foreign = new HashSet<>();
    for (String hex : texts(row, "foreign_digests")) {
      foreign.add(new ApiKeyDigest(hex));
    }
    Instant now = requiredTime(row, "now");
    return new Gathered(
        now,
        row.getLong("current_epoch"),
        row.getObject("workspace_id", UUID.class) == null
            ? Optional.empty()
            : Optional.of(workspace(row, now)),
        row.getBoolean("slug_taken"),
        foreign);
  }

  public static StoredWorkspace workspace(ResultSet row, Instant now) throws SQLException {
    Usage usage =
        new Usage(
            now.atOffset(ZoneOffset.UTC).toLocalDate(),
            new MicroUsd(row.getLong("spent_micro_usd")),
            new MicroUsd(row.getLong("reserved_micro_usd")),
            row.getInt("active_runs"),
            month(row));
    StoredWorkspace.State state = StoredWorkspace.State.valueOf(row.getString("state"));
    String policy = row.getString("deletion_policy");
    return new StoredWorkspace(
        Objects.requireNonNull(row.getObject("workspace_id", UUID.class)),
        identity(row),
        state,
        row.getString("resource_uid"),
        row.getLong("resource_generation"),
        row.getLong("controller_epoch"),
        // Archiving gave it up: the column only remembers it, and another may hold it now.
        Optional.ofNullable(row.getString("slug"))
            .filter(_ -> state != StoredWorkspace.State.ARCHIVED),
        policy.equals(DeletionPolicy.DELETE.label())
            ? DeletionPolicy.DELETE
            : DeletionPolicy.RETAIN,
        layers(row),
        keys(row),
        ReceiverJson.read(row.getString("declared_notifications")),
        row.getLong("revision"),
        row.getLong("declared_revision"),
        head(row),
        usage);
  }

  /** What a month has used; nothing where there is no row of it. */
  public static Usage.Month month(ResultSet row) throws SQLException {
    return new Usage.Month(
        new MicroUsd(row.getLong("month_spent_micro_usd")),
        new MicroUsd(row.getLong("month_reserved_micro_usd")));
  }

  public static ResourceIdentity identity(ResultSet row) throws SQLException {
    return new ResourceIdentity(
        row.getString("cluster"), row.getString("namespace"), row.getString("resource_name"));
  }

  public static AuditHead head(ResultSet row) throws SQLException {
    return new AuditHead(
        row.getLong("audit_seq"), HexFormat.of().formatHex(row.getBytes("audit_hash")));
  }

  public static Instant requiredTime(ResultSet row, String column) throws SQLException {
    return time(row, column).orElseThrow();
  }

  /** Everything that was said about its settings, the platform's latch included. */
  public static Layers layers(ResultSet row) throws SQLException {
    return layersWithoutOverrides(row).withOverrides(overrides(row));
  }

  public static Layers layersWithoutOverrides(ResultSet row) throws SQLException {
    Optional<Instant> declaredSince = time(row, "declared_kill_switch_since");
    Optional<String> declaredReason =
        Optional.ofNullable(row.getString("declared_kill_switch_reason"));
    List<KillLatch> latches = new ArrayList<>(3);
    time(row, "platform_kill_switch_since")
        .ifPresent(latch(latches, KillLatch.Holder.PLATFORM, reason(row, "platform")));
    declaredSince.ifPresent(latch(latches, KillLatch.Holder.DECLARED, declaredReason));
    time(row, "runtime_kill_switch_since")
        .ifPresent(latch(latches, KillLatch.Holder.RUNTIME, reason(row, "runtime")));
    return new Layers(
        row.getString("resource_name"),
        new DeclaredSettings(
            Plan.ofLabel(row.getString("plan")).orElseThrow(),
            values(row, "declared"),
            declaredSince.isPresent() ? Optional.of(true) : saidOff(row),
            declaredReason),
        values(row, "runtime"),
        List.of(),
        latches.isEmpty() ? KillSwitch.OFF : new KillSwitch(latches));
  }

  /** False where the manifest says so; empty where it is silent. */
  private static Optional<Boolean> saidOff(ResultSet row) throws SQLException {
    boolean _ = row.getBoolean("declared_kill_switch");
    return row.wasNull() ? Optional.empty() : Optional.of(false);
  }

  private static java.util.function.Consumer<Instant> latch(
      List<KillLatch> latches, KillLatch.Holder holder, Optional<String> reason) {
    return since -> latches.add(new KillLatch(holder, since, reason));
  }

  private static Optional<String> reason(ResultSet row, String layer) throws SQLException {
    return Optional.ofNullable(row.getString(layer + "_kill_switch_reason"));
  }

  private static SettingValues values(ResultSet row, String layer) throws SQLException {
    return LayerJson.read(row.getString(layer + "_settings"));
  }

  private static List<SettingsOverride> overrides(ResultSet row) throws SQLException {
    List<@Nullable Object> ids = array(row, "override_ids");
    if (ids.isEmpty()) {
      return List.of();
    }
    List<String> settings = texts(row, "override_settings");
    List<@Nullable Object> values = array(row, "override_values");
    List<@Nullable Object> expiries = array(row, "override_expiries");
    List<@Nullable Object> creations = array(row, "override_creations");
    List<SettingsOverride> overrides = new ArrayList<>(ids.size());
    for (int i = 0; i < ids.size(); i++) {
      Optional<Setting> setting = Setting.ofRestName(settings.get(i));
      // One of a later release is not this one's to enforce.
      if (setting.isEmpty()) {
        continue;
      }
      overrides.add(
          new SettingsOverride(
              (UUID) Objects.requireNonNull(ids.get(i)),
              setting.get(),
              (Long) Objects.requireNonNull(values.get(i)),
              micros(expiries.get(i)).orElseThrow(),
              micros(creations.get(i)).orElseThrow()));
    }
    return overrides;
  }

  private static List<DeclaredApiKey> keys(ResultSet row) throws SQLException {
    List<String> names = texts(row, "key_names");
    if (names.isEmpty()) {
      return List.of();
    }
    List<String> digests = texts(row, "key_digests");
    List<String> scopes = texts(row, "key_scopes");
    List<@Nullable Object> expiries = array(row, "key_expiries");
    List<DeclaredApiKey> keys = new ArrayList<>(names.size());
    for (int i = 0; i < names.size(); i++) {
      keys.add(
          new DeclaredApiKey(
              names.get(i),
              new ApiKeyDigest(digests.get(i)),
              Arrays.stream(scopes.get(i).split(" ", -1))
                  .flatMap(label -> Scope.ofLabel(label).stream())
                  .collect(Collectors.toUnmodifiableSet()),
              micros(expiries.get(i))));
    }
    return keys;
  }

  public static Optional<Instant> time(ResultSet row, String column) throws SQLException {
    return Optional.ofNullable(row.getObject(column, OffsetDateTime.class))
        .map(OffsetDateTime::toInstant);
  }

  private static Optional<Instant> micros(@Nullable Object sinceEpoch) {
    return Optional.ofNullable((Long) sinceEpoch)
        .map(micros -> Instant.EPOCH.plus(micros, ChronoUnit.MICROS));
  }

  public static List<String> texts(ResultSet row, String column) throws SQLException {
    return array(row, column).stream().map(text -> (String) Objects.requireNonNull(text)).toList();
  }

  private static List<@Nullable Object> array(ResultSet row, String column) throws SQLException {
    @Nullable Array array = row.getArray(column);
    return array == null ? List.of() : Arrays.asList((@Nullable Object[]) array.getArray());
  }
}
