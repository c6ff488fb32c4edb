package dev.workspaceoperator.workspace;

import java.time.Instant;
import java.util.UUID;

/**
 * A time-boxed exception that a person made to a budget or the run cap (design.md §4, break glass).
 *
 * @param id its identity, a UUIDv7; of several live ones for one setting the newest counts
 * @param setting what it overrides; never {@link Setting#NAME}
 * @param value a {@link Budget} in micro-USD or a run cap, as the setting has it
 * @param expiresAt when it ends, by the database's clock, exclusive
 * @param createdAt when it was made, by the database's clock
 */
public record SettingsOverride(
    UUID id, Setting setting, long value, Instant expiresAt, Instant createdAt) {

  public SettingsOverride {
    if (setting == Setting.NAME) {
      throw new IllegalArgumentException("a name cannot be overridden");
    }
    Object _ = decode(setting, value);
  }

  /** What a stored value means: a {@link Budget} or an Integer. */
  static Object decode(Setting setting, long value) {
    return setting == Setting.MAX_CONCURRENT_RUNS
        ? (Object) Bounds.requireRunCap(Math.toIntExact(value))
        : new Budget(value);
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
