package dev.workspaceoperator.sql;

import dev.workspaceoperator.workspace.port.UnstorableTextException;

/** What PostgreSQL can keep: Unicode without U+0000 (PostgreSQL manual, section 8.3). */
final class StorableText {
  private StorableText() {}

  /**
   * Returns the text unchanged.
   *
   * @throws UnstorableTextException if the database would refuse or change it
   */
  static String require(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0 || Character.isLowSurrogate(c)) {
        throw new UnstorableTextException();
      }
      if (Character.isHighSurrogate(c)) {
        i++;
        if (i == text.length() || !Character.isLowSurrogate(text.charAt(i))) {
          throw new UnstorableTextException();
        }
      }
    }
    return text;
  }
}
