package dev.workspaceoperator.workspace.port;

import dev.workspaceoperator.workspace.DeclaredReceiver;
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
   * Gives each receiver a delivery of every event that is new: those of the installation, and those
   * that the event's workspace has named with a key that it may name.
   */
  Spread spread(List<Subscription> subscriptions, List<KeyRight> keyRights, int events);

  /** Those of these receivers that something is due for, longest waiting first. */
  List<String> due(List<String> receivers);

  /**
   * Takes lanes of a receiver of which something is due: for so long nobody else does.
   *
   * @param lanes at most so many
   */
  List<Lane> claim(String receiver, int lanes, Duration time);

  /** Takes lanes of workspaces' own receivers likewise. */
  List<WorkspaceLane> claimOfWorkspaces(Health health, int lanes, Duration time);

  /** What is to be delivered of a lane, oldest first. */
  List<Event> oldest(Lane lane, int events, Duration keptFor);

  /**
   * These have arrived, or are given up.
   *
   * @return whether the lane is still held by whoever claimed it so; else nothing is noted, and
   *     another is at it
   */
  boolean delivered(Lane lane, List<Event> events);

  /**
   * Lets go of a lane that was claimed, if it is still held.
   *
   * @param failures how often in a row its oldest event has failed
   * @param wait until it is due again, if anything is left
   */
  void release(Lane lane, int failures, Duration wait);

  /** Gives up all that a lane has: nobody wants it any more. */
  void drop(Lane lane);

  /** How much waits for these receivers; counted to a bound. */
  Backlog backlog(List<String> receivers);

  /**
   * Forgets what nobody will ask for any more, a part of it.
   *
   * @param receivers those of the installation: of others nothing is kept for long
   * @return whether there may be more
   */
  boolean forget(List<String> receivers);

  /** A receiver and one kind of what it wants. */
  record Subscription(String receiver, String kind) {}

  /** A key of the installation that the workspaces of a namespace may name. */
  record KeyRight(String key, String cluster, String namespace) {}

  /**
   * What became of new events.
   *
   * @param events how many there were; as many as asked for means that there may be more
   * @param dropped deliveries to receivers of workspaces that have had their share of the outbox
   */
  record Spread(int events, int dropped) {}

  /** Whether what was sent to a receiver last has arrived. */
  enum Health {
    /** It has, or nothing was sent yet. */
    GOOD,
    /** It has not, or slowly. */
    FAILING
  }

  /**
   * What one receiver gets of one workspace, one after the other.
   *
   * @param heldUntil when somebody else may take it; it tells this claim from every other
   */
  record Lane(String receiver, UUID workspaceId, int failures, Instant heldUntil) {}

  /**
   * A lane of a workspace's own receiver.
   *
   * @param receiver empty if the manifest names it no longer
   */
  record WorkspaceLane(
      Lane lane, ResourceIdentity workspace, Optional<DeclaredReceiver> receiver) {}

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
