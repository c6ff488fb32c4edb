package dev.workspaceoperator.workspace;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * What one layer (declared or runtime) says of each setting; a setting that is no key is one of
 * which it is silent. Silent is not zero, and not unlimited either.
 *
 * @param said by setting a value of its type: a String, a {@link Budget} or an Integer
 */
public record SettingValues(Map<Setting, Object> said) {
  /** A layer that says nothing. */
  public static final SettingValues NONE = new SettingValues(Map.of());

  public SettingValues {
    Map<Setting, Object> checked = new EnumMap<>(Setting.class);
    said.forEach((setting, value) -> {
      if (!setting.type().includes(value)) {
        throw new IllegalArgumentException("%s cannot be %s".formatted(setting.restName(), value));
      }
      checked.put(setting, value);
    });
    said = Collections.unmodifiableMap(checked);
  }

  /** What the layer says of this setting. */
  public Optional<?> get(Setting setting) {
    return Optional.ofNullable(said.get(setting));
  }

  /** What it says of a text. */
  public Optional<String> text(Setting setting) {
    return get(setting).map(String.class::cast);
  }

  /** What it says of money. */
  public Optional<Budget> budget(Setting setting) {
    return get(setting).map(Budget.class::cast);
  }

  /** What it says of a number. */
  public Optional<Integer> count(Setting setting) {
    return get(setting).map(Integer.class::cast);
  }

  /**
   * The same with another value of one setting.
   *
   * @param value of the setting's type; empty for silence
   */
  public SettingValues with(Setting setting, Optional<?> value) {
    Map<Setting, Object> other = new EnumMap<>(Setting.class);
    other.putAll(said);
    other.remove(setting);
    value.ifPresent(it -> other.put(setting, it));
    return new SettingValues(other);
  }
}
