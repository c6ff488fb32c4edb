package dev.workspaceoperator.auth;

import dev.workspaceoperator.workspace.port.WorkspaceDirectory.Line;

/** What is known of a credential before it is judged. */
sealed interface Acquaintance {
  /**
   * It was good a short time ago.
   *
   * @param whose of whom it was then
   */
  record Known(String whose) implements Acquaintance {}

  /**
   * Nothing is.
   *
   * @param source where it comes from
   */
  record Stranger(String source) implements Acquaintance {}

  /** Where its questions wait. */
  default Line line() {
    return switch (this) {
      case Known _ -> Line.KNOWN;
      case Stranger _ -> Line.STRANGERS;
    };
  }
}
