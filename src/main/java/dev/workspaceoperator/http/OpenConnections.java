package dev.workspaceoperator.http;

import dev.workspaceoperator.share.ShareWatch;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.LinkedHashSet;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/**
 * The connections that are open, and which of them makes room when one more comes (design.md §12).
 * Strangers, on whose connections nobody has signed in yet, make room for each other: so they can
 * neither use up the memory nor keep anybody out. Only when all connections are taken, one that is
 * idle makes room though somebody signed in on it, so that a kill switch can always connect.
 *
 * <p>Whoever was silent longest goes first. To keep that order exactly would cost every request a
 * lock; so a connection that was heard since it was put in line goes to the end of it once it is
 * found at the head.
 */
final class OpenConnections {
  private final ConnectionSettings settings;
  private final SequencedSet<WatchedConnection> strangers = new LinkedHashSet<>();
  private final SequencedSet<WatchedConnection> known = new LinkedHashSet<>();
  private final ShareWatch strangersWatch;
  private final ShareWatch watch;

  OpenConnections(ConnectionSettings settings, MeterRegistry registry) {
    this.settings = settings;
    this.strangersWatch = new ShareWatch("connections-anonymous", registry);
    this.watch = new ShareWatch("connections", registry);
    strangersWatch.watch(settings::strangersMax, this::ofStrangers, registry);
    watch.watch(settings::max, this::count, registry);
  }

  /** Lets one more in; returns whether there was room, or another connection made some. */
  boolean enter(WatchedConnection newcomer) {
    ShareWatch full;
    WatchedConnection leaving;
    synchronized (this) {
      if (strangers.size() >= settings.strangersMax()) {
        full = strangersWatch;
        leaving = longestSilent(strangers);
      } else if (count() >= settings.max()) {
        full = watch;
        leaving = longestSilent(strangers);
        leaving = leaving == null ? longestSilent(known) : leaving;
      } else {
        put(strangers, newcomer);
        return true;
      }
      if (leaving != null) {
        put(strangers, newcomer);
      }
    }
    full.allIsFull(newcomer.remotePeer().host());
    if (leaving == null) {
      return false;
    }
    leaving.closeSocket();
    return true;
  }

  /** Somebody has signed in on it for the first time. */
  synchronized void signedIn(WatchedConnection connection) {
    if (strangers.remove(connection)) {
      put(known, connection);
    }
  }

  /** It is closed. */
  synchronized void leave(WatchedConnection connection) {
    if (!strangers.remove(connection)) {
      known.remove(connection);
    }
  }

  /** How many are open. */
  synchronized int count() {
    return strangers.size() + known.size();
  }

  private synchronized int ofStrangers() {
    return strangers.size();
  }

  private static void put(SequencedSet<WatchedConnection> line, WatchedConnection connection) {
    connection.inLineSince(System.nanoTime());
    line.addLast(connection);
  }

  /** Takes it out of its line, if there is one that can go. */
  private static @Nullable WatchedConnection longestSilent(SequencedSet<WatchedConnection> line) {
    for (int left = 2 * line.size(); left > 0; left--) {
      WatchedConnection first = line.removeFirst();
      if (!first.wasHeardInLine() && first.tryLeave()) {
        return first;
      }
      put(line, first);
    }
    return null;
  }
}
