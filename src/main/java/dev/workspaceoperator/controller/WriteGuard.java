package dev.workspaceoperator.controller;

/**
 * Asked right before each write to the API server: may this process still write? A process that was
 * stopped and woken must find out before it writes, not after (design.md §4, Fence).
 */
@FunctionalInterface
public interface WriteGuard {
  /** Lets every write pass: for one controller alone, without leader election. */
  WriteGuard ALWAYS = () -> true;

  /** Whether this process may write now. */
  boolean mayWrite();
}
