package dev.workspaceoperator.workspace;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a caller wants changed in the runtime layer, all of it or nothing.
 *
 * @param fields by setting the value asked for: a value of its type; empty to return the setting to
 *     its default. A setting that is not a key stays as it is
 */
public record SettingsPatch(Map<Setting, Optional<?>> fields) {
  public SettingsPatch {
    fields = fields.isEmpty() ? Map.of() : Map.copyOf(new EnumMap<>(fields));
  }
}
