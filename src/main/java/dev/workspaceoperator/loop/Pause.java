package dev.workspaceoperator.loop;

import java.time.Duration;

/** A wait that nothing but an interruption ends early, and that keeps the interruption. */
public final class Pause {
  private Pause() {}

  /** Waits so long; false if the thread was interrupted, as it is still then. */
  public static boolean of(Duration time) {
    try {
      Thread.sleep(time);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
