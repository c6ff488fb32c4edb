package dev.workspaceoperator.share;

import dev.workspaceoperator.loop.Pause;
import java.time.Duration;

/** The time for which what was given back still counts as its tenant's. */
final class Rest {
  private Rest() {}

  /** Does it after the rest, on a thread that holds nothing; at once, where there is none. */
  static void before(Duration rest, Runnable then) {
    if (!rest.isPositive()) {
      then.run();
      return;
    }
    Thread.startVirtualThread(() -> {
      // Nobody interrupts it: the thread is known to nobody. What it gives back is given back.
      boolean _ = Pause.of(rest);
      then.run();
    });
  }
}
