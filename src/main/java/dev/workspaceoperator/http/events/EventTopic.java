package dev.workspaceoperator.http.events;

import dev.workspaceoperator.http.events.EventMailbox.End;
import dev.workspaceoperator.loop.Loop;
import dev.workspaceoperator.loop.Pause;
import dev.workspaceoperator.workspace.port.OverloadedException;
import dev.workspaceoperator.workspace.port.RuntimeSettings;
import dev.workspaceoperator.workspace.port.Snapshot;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streams of one workspace. After a change the workspace is read once for all of them; what
 * comes while it is being read makes one more reading, so that streams never go back in time.
 */
final class EventTopic {
  private static final Logger log = LoggerFactory.getLogger(EventTopic.class);
  private static final Duration RETRY = Duration.ofMillis(500);

  /**
   * After each reading, for every stream that was told of it: so that changes in a loop, of a
   * workspace with many streams, keep nobody else waiting.
   */
  private static final Duration REST_OF_ONE = Duration.ofNanos(200_000);

  /** Longer ago than anything that is waited for. */
  private static final Duration LONG_AGO = Duration.ofHours(1);

  private final UUID workspaceId;
  private final RuntimeSettings settings;
  private final EventFrames frames;
  private final ReentrantLock lock = new ReentrantLock();

  /** Each with the number of the first reading that is surely not older than its first event. */
  private final Map<EventSubscription, Long> subscriptions = new HashMap<>();

  private Wanted wanted = Wanted.NOTHING;
  private boolean reading;
  private long readings;
  private long revision;
  private long changedAt = System.nanoTime() - LONG_AGO.toNanos();

  EventTopic(UUID workspaceId, RuntimeSettings settings, EventFrames frames) {
    this.workspaceId = workspaceId;
    this.settings = settings;
    this.frames = frames;
  }

  /** What is to be read; the larger one includes the smaller. */
  private enum Wanted {
    NOTHING,
    SETTINGS,
    SETTINGS_AND_USAGE
  }

  /** Adds a stream, which has missed what changed since its first event was read. */
  void join(EventSubscription subscription) {
    lock.lock();
    try {
      subscriptions.put(subscription, readings + 1);
      want(Wanted.SETTINGS);
    } finally {
      lock.unlock();
    }
  }

  /** Returns whether it was the last one. */
  boolean leave(EventSubscription subscription) {
    lock.lock();
    try {
      subscriptions.remove(subscription);
      return subscriptions.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** The workspace has this revision now. */
  void changed(long newRevision) {
    lock.lock();
    try {
      changedAt = System.nanoTime();
      if (newRevision > revision) {
        want(Wanted.SETTINGS);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Something may have changed. */
  void look() {
    lock.lock();
    try {
      want(Wanted.SETTINGS);
    } finally {
      lock.unlock();
    }
  }

  /** It is time to tell the usage, if anyone wants it. */
  void lookAtUsage() {
    lock.lock();
    try {
      if (subscriptions.keySet().stream()
          .anyMatch(stream -> stream.interest() == StreamInterest.SETTINGS_AND_USAGE)) {
        want(Wanted.SETTINGS_AND_USAGE);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Has streams ask for what is due by the clock.
   *
   * @param anyChangedAt when something changed last that may bear on any credential
   */
  void tick(long now, long anyChangedAt) {
    lock.lock();
    try {
      long latest = anyChangedAt - changedAt > 0 ? anyChangedAt : changedAt;
      subscriptions.keySet().forEach(stream -> stream.tick(now, latest));
    } finally {
      lock.unlock();
    }
  }

  /** Ends every stream. */
  void end(End why) {
    lock.lock();
    try {
      subscriptions.keySet().forEach(stream -> stream.mailbox().end(why));
    } finally {
      lock.unlock();
    }
  }

  private void want(Wanted more) {
    if (more.compareTo(wanted) > 0) {
      wanted = more;
    }
    if (!reading) {
      reading = true;
      Thread.ofVirtual().name("events").start(this::readWhileWanted);
    }
  }

  private void readWhileWanted() {
    for (Wanted what = next(); what != Wanted.NOTHING; what = next()) {
      try {
        Optional<Snapshot> snapshot = settings.read(workspaceId);
        if (snapshot.isPresent()) {
          tell(snapshot.get(), what);
        } else {
          end(End.REVOKED);
        }
      } catch (StoreUnavailableException | OverloadedException e) {
        log.atDebug().addKeyValue("workspace_id", workspaceId).log("Streams wait for the store");
        again(what);
      } catch (RuntimeException | Error e) {
        // The next comparison tries once more: this thread must not end while it counts as reading.
        Loop.failed("events", e);
      }
      rest();
    }
  }

  /** What to read now; the thread must end if that is nothing. */
  private Wanted next() {
    lock.lock();
    try {
      Wanted next = subscriptions.isEmpty() ? Wanted.NOTHING : wanted;
      wanted = Wanted.NOTHING;
      reading = next != Wanted.NOTHING;
      if (reading) {
        readings++;
      }
      return next;
    } finally {
      lock.unlock();
    }
  }

  private void again(Wanted what) {
    lock.lock();
    try {
      want(what);
    } finally {
      lock.unlock();
    }
    boolean _ = Pause.of(RETRY);
  }

  private void rest() {
    int streams;
    lock.lock();
    try {
      streams = subscriptions.size();
    } finally {
      lock.unlock();
    }
    boolean _ = Pause.of(REST_OF_ONE.multipliedBy(streams));
  }

  private void tell(Snapshot snapshot, Wanted what) {
    EventFrame workspace = frames.workspace(snapshot);
    Optional<EventFrame> usage =
        what == Wanted.SETTINGS_AND_USAGE ? Optional.of(frames.usage(snapshot)) : Optional.empty();
    long now = System.nanoTime();
    lock.lock();
    try {
      revision = snapshot.workspace().revision();
      subscriptions.forEach((stream, firstReading) -> {
        if (readings >= firstReading) {
          stream.mailbox().offerWorkspace(workspace);
          if (stream.mayTellUsage(now)) {
            usage.ifPresent(stream.mailbox()::offerUsage);
          }
        }
      });
    } finally {
      lock.unlock();
    }
  }
}
