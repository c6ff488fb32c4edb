package dev.workspaceoperator.model;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a manifest says.
 *
 * @param keys labels of secrets, which are also the names of the keys
 */
record Spec(
    Tier plan,
    Map<Field, Object> values,
    Optional<Boolean> killSwitch,
    Optional<String> reason,
    Optional<String> slug,
    boolean delete,
    Set<String> keys) {
  static final Spec EMPTY =
      new Spec(
          Tier.BASIC,
          Map.of(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          false,
          Set.of());

  Spec {
    values = Map.copyOf(values);
    keys = Set.copyOf(keys);
  }

  boolean kills() {
    return killSwitch.orElse(false);
  }

  Spec withPlan(Tier other) {
    return new Spec(other, values, killSwitch, reason, slug, delete, keys);
  }

  /** Null takes it out. */
  Spec with(Field field, Optional<Object> value) {
    Map<Field, Object> others = new LinkedHashMap<>(values);
    value.ifPresentOrElse(it -> others.put(field, it), () -> others.remove(field));
    return new Spec(plan, others, killSwitch, reason, slug, delete, keys);
  }

  Spec withKillSwitch(Optional<Boolean> other, Optional<String> why) {
    return new Spec(plan, values, other, why, slug, delete, keys);
  }

  Spec withSlug(Optional<String> other) {
    return new Spec(plan, values, killSwitch, reason, other, delete, keys);
  }

  Spec withDelete(boolean other) {
    return new Spec(plan, values, killSwitch, reason, slug, other, keys);
  }

  Spec withKeys(Set<String> others) {
    return new Spec(plan, values, killSwitch, reason, slug, delete, others);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(plan.label);
    for (Field field : Field.values()) {
      if (values.containsKey(field)) {
        text.append(' ').append(field.spec).append('=').append(values.get(field));
      }
    }
    killSwitch.ifPresent(it -> text.append(" killSwitch=").append(it));
    slug.ifPresent(it -> text.append(" slug=").append(it));
    if (delete) {
      text.append(" deletionPolicy=Delete");
    }
    if (!keys.isEmpty()) {
      text.append(" apiKeys=").append(new TreeSet<>(keys));
    }
    return text.toString();
  }
}
