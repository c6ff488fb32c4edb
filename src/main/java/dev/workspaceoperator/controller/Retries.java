package dev.workspaceoperator.controller;

import dev.workspaceoperator.workspace.ResourceIdentity;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How often a Workspace in a row was overtaken by something. Once is a race, and over in a moment;
 * what goes on needs patience, and somebody must be told.
 */
final class Retries {
  /** Before the second try; then twice as long each time. */
  static final Duration FIRST_PAUSE = Duration.ofMillis(50);

  /** The longest time between two tries (design.md §5). */
  static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  /** Tries, a second and a half in all, after which it is no race any more. */
  static final int UNTIL_TOLD = 6;

  private static final int DOUBLINGS_MAX = 8;

  private final Map<ResourceIdentity, Integer> tries = new ConcurrentHashMap<>();

  /** It was overtaken again. Returns how long to wait. */
  Duration overtaken(ResourceIdentity identity) {
    int before = tries.merge(identity, 1, Integer::sum) - 1;
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(before, DOUBLINGS_MAX));
    return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
  }

  /** Whether it goes on for so long that status says so. */
  boolean isToTell(ResourceIdentity identity) {
    return tries.getOrDefault(identity, 0) >= UNTIL_TOLD;
  }

  /** It was dealt with, or is gone. */
  void over(ResourceIdentity identity) {
    tries.remove(identity);
  }
}
