package dev.workspaceoperator.workspace;

import java.time.Instant;
import java.util.Optional;

/**
 * A value in force, and why.
 *
 * @param value the value
 * @param source the layer that it comes from
 * @param until when it ends, for an override
 */
public record EffectiveValue<T>(T value, Source source, Optional<Instant> until) {
  /** A value that lasts until someone changes it. */
  public static <T> EffectiveValue<T> of(T value, Source source) {
    return new EffectiveValue<>(value, source, Optional.empty());
  }

  /** The same as what it is. */
  public <S> EffectiveValue<S> as(Class<S> type) {
    return new EffectiveValue<>(type.cast(value), source, until);
  }
}
