package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.CanonicalJson;
import dev.workspaceoperator.workspace.Budget;

/** A setting's value as audit rows have it: canonical JSON, money as text. */
final class SettingJson {
  private SettingJson() {}

  static String of(Object value) {
    return switch (value) {
      case String text -> CanonicalJson.text(text);
      case Budget budget -> CanonicalJson.text(budget.toString());
      case Integer count -> CanonicalJson.integer(count);
      case Boolean flag -> CanonicalJson.bool(flag);
      default -> throw new IllegalArgumentException("not a setting's value: " + value.getClass());
    };
  }
}
