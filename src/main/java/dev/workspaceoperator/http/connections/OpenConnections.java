package dev.workspaceoperator.http.connections;

import dev.workspaceoperator.share.ShareWatch;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/**
 * The connections that are open, and which of them makes room when one more comes (design.md §12).
 * Strangers, on whose connections nobody has signed in yet, have places that nobody else can take,
 * and make room for each other: so they can neither use up the memory nor keep anybody out. Whoever
 * signs in moves to the other places. Where those are all taken, one makes room that is idle, of
 * the workspace that has most of them; whoever is in the middle of a request is spared as long as
 * another can go, unless his workspace has more than a quarter.
 *
 * <p>Whoever was silent longest goes first. To keep that order exactly would cost every request a
 * lock; so a connection that was heard since it was put in line goes to the end of it once it is
 * found at the head.
 */
final class OpenConnections {
  /** With more than one part of so many, a workspace makes room before all others. */
  private static final int WORKSPACE_PARTS = 4;

  private final ConnectionSettings settings;
  private final SequencedSet<Evictable> strangers = new LinkedHashSet<>();
  private final Map<Object, SequencedSet<Evictable>> knownOf = new HashMap<>();
  private final ShareWatch strangersWatch;
  private final ShareWatch watch;
  private int known;

  OpenConnections(ConnectionSettings settings, MeterRegistry registry) {
    this.settings = settings;
    this.strangersWatch = new ShareWatch("connections-anonymous", registry);
    this.watch = new ShareWatch("connections", registry);
    strangersWatch.watch(settings::strangersMax, this::ofStrangers, registry);
    watch.watch(settings::max, this::count, registry);
  }

  /** Lets one more in; returns whether there was room, or another connection made some. */
  boolean enter(Evictable newcomer) {
    Evictable leaving;
    synchronized (this) {
      if (strangers.size() < settings.strangersMax()) {
        put(strangers, newcomer);
        return true;
      }
      leaving = longestSilent(strangers, false);
      leaving = leaving == null ? longestSilent(strangers, true) : leaving;
      if (leaving != null) {
        put(strangers, newcomer);
      }
    }
    strangersWatch.allIsFull(newcomer.host());
    if (leaving == null) {
      return false;
    }
    leaving.closeSocket();
    return true;
  }

  /** Somebody has signed in on it for the first time. */
  void signedIn(Evictable connection, Object tenant) {
    Evictable leaving;
    synchronized (this) {
      if (!strangers.contains(connection)) {
        return;
      }
      boolean full = known >= settings.max() - settings.strangersMax();
      leaving = full ? leavingKnown() : null;
      if (!full || leaving != null) {
        strangers.remove(connection);
        put(knownOf.computeIfAbsent(tenant, _ -> new LinkedHashSet<>()), connection);
        known++;
      }
      // Where each of them is being answered, it keeps the place of a stranger.
      if (!full) {
        return;
      }
    }
    watch.allIsFull(tenant);
    if (leaving != null) {
      leaving.closeSocket();
    }
  }

  /** It is closed. */
  synchronized void leave(Evictable connection) {
    if (!strangers.remove(connection)) {
      removeKnown(connection);
    }
  }

  /** How many are open. */
  synchronized int count() {
    return strangers.size() + known;
  }

  private synchronized int ofStrangers() {
    return strangers.size();
  }

  private static void put(SequencedSet<Evictable> line, Evictable connection) {
    connection.inLineSince(System.nanoTime());
    line.addLast(connection);
  }

  private void removeKnown(Evictable connection) {
    Object tenant = connection.tenant();
    SequencedSet<Evictable> line = tenant == null ? null : knownOf.get(tenant);
    if (line != null && line.remove(connection)) {
      known--;
      if (line.isEmpty()) {
        knownOf.remove(tenant);
      }
    }
  }

  /** Takes one out of those on which somebody has signed in, if there is one that can go. */
  private @Nullable Evictable leavingKnown() {
    List<SequencedSet<Evictable>> all =
        knownOf.values().stream().sorted(Comparator.comparingInt(line -> -line.size())).toList();
    int share = (settings.max() - settings.strangersMax()) / WORKSPACE_PARTS;
    List<SequencedSet<Evictable>> beyond =
        all.stream().filter(line -> line.size() > share).toList();
    Evictable leaving = leavingOf(beyond, false);
    leaving = leaving == null ? leavingOf(beyond, true) : leaving;
    leaving = leaving == null ? leavingOf(all, false) : leaving;
    return leaving == null ? leavingOf(all, true) : leaving;
  }

  private @Nullable Evictable leavingOf(List<SequencedSet<Evictable>> lines, boolean urgent) {
    for (SequencedSet<Evictable> line : lines) {
      Evictable leaving = longestSilent(line, urgent);
      if (leaving != null) {
        known--;
        if (line.isEmpty()) {
          knownOf.remove(Objects.requireNonNull(leaving.tenant()));
        }
        return leaving;
      }
    }
    return null;
  }

  /** Takes it out of its line, if there is one that can go. */
  private static @Nullable Evictable longestSilent(SequencedSet<Evictable> line, boolean urgent) {
    for (int left = 2 * line.size(); left > 0; left--) {
      Evictable first = line.removeFirst();
      if (!first.wasHeardInLine() && first.tryLeave(urgent)) {
        return first;
      }
      put(line, first);
    }
    return null;
  }
}
