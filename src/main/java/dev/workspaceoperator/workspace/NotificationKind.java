package dev.workspaceoperator.workspace;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a receiver of notifications may ask for: the first parts of the types of events. */
public enum NotificationKind {
  /** A budget is spent in part, or all of it. */
  BUDGET("budget"),
  /** A latch is engaged or released. */
  KILL_SWITCH("kill-switch"),
  /** An override begins or ends. */
  OVERRIDE("override"),
  /** A manifest asks for what its plan does not allow. */
  PLAN("plan");

  private final String label;

  NotificationKind(String label) {
    this.label = label;
  }

  /** The word that users write. */
  public String label() {
    return label;
  }

  public static Optional<NotificationKind> ofLabel(String label) {
    return Arrays.stream(values()).filter(kind -> kind.label.equals(label)).findFirst();
  }

  /** All words, for messages. */
  public static String labels() {
    return Arrays.stream(values()).map(NotificationKind::label).collect(Collectors.joining(", "));
  }
}
