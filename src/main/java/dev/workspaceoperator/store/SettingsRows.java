package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.sql.WorkspaceRows;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingsOverride;
import dev.workspaceoperator.workspace.port.WorkspaceSettings;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads the settings of workspaces by their ids, and nothing else of them. */
final class SettingsRows {
  private static final Sql READ_SETTINGS = Sql.load("runtime/readSettings");

  private SettingsRows() {}

  /** Those of these workspaces that there are. */
  static Map<UUID, WorkspaceSettings> read(Connection connection, List<UUID> workspaceIds)
      throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, READ_SETTINGS)) {
      return rows(statement.uuids("workspace_ids", workspaceIds).run().nextRows());
    }
  }

  /** Merges the rows of a workspace: one for each of its overrides, or one without any. */
  private static Map<UUID, WorkspaceSettings> rows(ResultSet row) throws SQLException {
    Map<UUID, WorkspaceSettings> found = new HashMap<>();
    Map<UUID, List<SettingsOverride>> overrides = new HashMap<>();
    while (row.next()) {
      UUID id = Objects.requireNonNull(row.getObject("workspace_id", UUID.class));
      if (!found.containsKey(id)) {
        found.put(
            id,
            new WorkspaceSettings(
                id,
                Optional.ofNullable(row.getString("slug")),
                WorkspaceRows.layersWithoutOverrides(row),
                WorkspaceRows.requiredTime(row, "now")));
      }
      @Nullable UUID overrideId = row.getObject("override_id", UUID.class);
      if (overrideId != null) {
        override(row, overrideId)
            .ifPresent(it -> overrides.computeIfAbsent(id, _ -> new ArrayList<>()).add(it));
      }
    }
    overrides.forEach(
        (id, list) -> found.computeIfPresent(id, (_, settings) -> withOverrides(settings, list)));
    return found;
  }

  private static WorkspaceSettings withOverrides(
      WorkspaceSettings settings, List<SettingsOverride> overrides) {
    return new WorkspaceSettings(
        settings.id(), settings.slug(), settings.layers().withOverrides(overrides), settings.now());
  }

  /** Empty for one of a setting of a later release, which is not this one's to enforce. */
  private static Optional<SettingsOverride> override(ResultSet row, UUID id) throws SQLException {
    Optional<Setting> setting = Setting.ofRestName(row.getString("override_setting"));
    return setting.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new SettingsOverride(
                id,
                setting.get(),
                row.getLong("override_value"),
                WorkspaceRows.requiredTime(row, "override_expires_at"),
                WorkspaceRows.requiredTime(row, "override_created_at")));
  }
}
