package dev.workspaceoperator.workspace.port;

import dev.workspaceoperator.workspace.ResourceIdentity;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What happened and has not arrived everywhere yet. It was written in the transaction of what
 * happened; any process may send it. Every method may throw {@link StoreUnavailableException}; then
 * repeating it is safe.
 */
public interface NotificationOutbox {
  /**
   * Gives each receiver a delivery of every event that is new.
   *
   * @return how many events there were; as many as asked for means that there may be more
   */
  int spread(List<Subscription> subscriptions, int events);

  /** Receivers that something is due for, longest waiting first. */
  List<String> due(int receivers);

  /**
   * Takes lanes of a receiver of which something is due: for so long nobody else does.
   *
   * @param lanes at most so many
   */
  List<Lane> claim(String receiver, int lanes, Duration time);

  /** What is to be delivered of a lane, oldest first. */
  List<Event> oldest(Lane lane, int events, Duration keptFor);

  /** These have arrived, or are given up. */
  void delivered(Lane lane, List<Event> events);

  /**
   * Lets go of a lane that was claimed.
   *
   * @param failures how often in a row its oldest event has failed
   * @param wait until it is due again, if anything is left
   */
  void release(Lane lane, int failures, Duration wait);

  /** How much waits; counted to a bound. */
  Backlog backlog();

  /** Forgets what nobody will ask for any more, a part of it. */
  void forget();

  /** A receiver and one kind of what it wants. */
  record Subscription(String receiver, String kind) {}

  /** What one receiver gets of one workspace, one after the other. */
  record Lane(String receiver, UUID workspaceId, int failures) {}

  /**
   * What happened.
   *
   * @param seq orders the events of a workspace
   * @param id the same each time it is sent
   * @param type such as {@code kill-switch.activated}
   * @param data a JSON object
   * @param isTooOld whether it has waited for longer than it is kept
   * @param workspace empty for what concerns the whole installation
   */
  record Event(
      long seq,
      UUID id,
      String type,
      Instant time,
      String data,
      boolean isTooOld,
      Optional<Subject> workspace) {}

  /** The workspace that an event is of. */
  record Subject(UUID id, ResourceIdentity identity, Optional<String> slug) {}

  /** How much waits, and how long the oldest of it has waited. */
  record Backlog(long waiting, Duration oldest) {}
}
