package dev.workspaceoperator.workspace.port;

import java.util.List;
import java.util.Optional;

/**
 * Part of a list.
 *
 * @param items in the list's order
 * @param next where the rest starts, opaque to callers; empty at the end
 */
public record Page<T>(List<T> items, Optional<String> next) {
  public Page {
    items = List.copyOf(items);
  }

  /**
   * Which part of a list is wanted.
   *
   * @param limit 1..500
   * @param cursor {@link Page#next} of the part before; empty for the first
   */
  public record Request(int limit, Optional<String> cursor) {}

  /** The cursor was not made by this list. */
  public static final class BadCursorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BadCursorException() {
      super("The cursor is not one that this list gave.");
    }
  }
}
