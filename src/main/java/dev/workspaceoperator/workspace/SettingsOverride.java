package dev.workspaceoperator.workspace;

import java.time.Instant;
import java.util.UUID;

/**
 * A time-boxed exception that a person made to a setting (design.md §4, break glass).
 *
 * @param id its identity, a UUIDv7; of several live ones for one setting the newest counts
 * @param setting what it overrides; one that {@link Setting#isOverridable}
 * @param value micro-USD (as {@link Budget#micros}) or a number, as the setting has it
 * @param expiresAt when it ends, by the database's clock, exclusive
 * @param createdAt when it was made, by the database's clock
 */
public record SettingsOverride(
    UUID id, Setting setting, long value, Instant expiresAt, Instant createdAt) {

  public SettingsOverride {
    Object decoded = decode(setting, value);
    if (!setting.isOverridable() || !setting.type().includes(decoded)) {
      throw new IllegalArgumentException(
          "%s cannot be overridden with %s".formatted(setting.restName(), decoded));
    }
  }

  /** What a stored value means: a {@link Budget} or an Integer. */
  static Object decode(Setting setting, long value) {
    return switch (setting.type()) {
      case SettingType.Money _ -> new Budget(value);
      case SettingType.Count _ -> Math.toIntExact(value);
      case SettingType.Text _ ->
          throw new IllegalArgumentException(setting.restName() + " cannot be overridden");
    };
  }

  /** What it sets: a {@link Budget} or an Integer. */
  public Object decoded() {
    return decode(setting, value);
  }

  /** Whether it is in force at this time. */
  public boolean isLiveAt(Instant now) {
    return now.isBefore(expiresAt);
  }
}
