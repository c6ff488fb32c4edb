package dev.workspaceoperator.notification;

import dev.workspaceoperator.network.Network;
import java.util.List;
import java.util.Map;

/**
 * Who is told, and where they may be.
 *
 * @param receivers of the whole installation
 * @param allowed networks of addresses that are not public and may be sent to all the same
 * @param workspaces what workspaces may name
 * @param keys those that they may name, by name
 */
public record NotificationSettings(
    List<Receiver> receivers,
    List<Network> allowed,
    WorkspaceReceivers workspaces,
    Map<String, SigningKey> keys) {
  /** Nobody is told. */
  public static final NotificationSettings NONE =
      new NotificationSettings(List.of(), List.of(), WorkspaceReceivers.NONE, Map.of());

  public NotificationSettings {
    receivers = List.copyOf(receivers);
    allowed = List.copyOf(allowed);
    keys = Map.copyOf(keys);
  }
}
