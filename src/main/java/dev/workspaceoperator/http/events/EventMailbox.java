package dev.workspaceoperator.http.events;

import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What one stream has still to do. Of each event only the newest waits: a reader that is slow
 * misses what is outdated, and costs no more memory than one that is quick.
 */
final class EventMailbox {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private EventFrame newestWorkspace;
  private @Nullable EventFrame newestUsage;
  private @Nullable EventFrame workspace;
  private @Nullable EventFrame usage;
  private boolean heartbeat;
  private boolean check;
  private boolean held;
  private @Nullable End end;

  /**
   * One with the first events of a stream.
   *
   * @param usage empty for a stream that does not tell it
   */
  EventMailbox(EventFrame workspace, Optional<EventFrame> usage) {
    this.newestWorkspace = workspace;
    this.workspace = workspace;
    this.newestUsage = usage.orElse(null);
    this.usage = usage.orElse(null);
  }

  /** Why a stream ends from this side. */
  enum End {
    /** The server stops. */
    SHUTDOWN,
    /** The credential is good no longer, or the workspace is not there. */
    REVOKED
  }

  /**
   * What is to be done now; at least one of these.
   *
   * @param workspace an event to send
   * @param usage an event to send
   * @param heartbeat whether a comment is due
   * @param check whether the credential has to be judged
   * @param end why the stream is to end
   */
  record Delivery(
      @Nullable EventFrame workspace,
      @Nullable EventFrame usage,
      boolean heartbeat,
      boolean check,
      @Nullable End end) {}

  /** The workspace looks like this now; what was told already is not told again. */
  void offerWorkspace(EventFrame frame) {
    change(() -> {
      if (!frame.equals(newestWorkspace)) {
        newestWorkspace = frame;
        workspace = frame;
      }
    });
  }

  /** The usage is this now; what was told already is not told again. */
  void offerUsage(EventFrame frame) {
    change(() -> {
      if (!frame.equals(newestUsage)) {
        newestUsage = frame;
        usage = frame;
      }
    });
  }

  void askForHeartbeat() {
    change(() -> heartbeat = true);
  }

  void askForCheck() {
    change(() -> check = true);
  }

  /** Keeps events back until {@link #release}. */
  void hold() {
    change(() -> held = true);
  }

  void release() {
    change(() -> held = false);
  }

  /** Ends the stream. */
  void end(End why) {
    change(() -> end = end == null ? why : end);
  }

  /** Waits until there is something to do. */
  Delivery take() throws InterruptedException {
    lock.lock();
    try {
      while (!isWork()) {
        work.await();
      }
      Delivery taken =
          new Delivery(held ? null : workspace, held ? null : usage, heartbeat, check, end);
      if (!held) {
        workspace = null;
        usage = null;
      }
      heartbeat = false;
      check = false;
      return taken;
    } finally {
      lock.unlock();
    }
  }

  private boolean isWork() {
    return end != null || heartbeat || check || (!held && (workspace != null || usage != null));
  }

  private void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      if (isWork()) {
        work.signal();
      }
    } finally {
      lock.unlock();
    }
  }
}
