package dev.workspaceoperator.notification;

import dev.workspaceoperator.network.Network;
import java.util.List;

/**
 * Who is told, and where they may be.
 *
 * @param receivers of the whole installation
 * @param allowed networks of addresses that are not public and may be sent to all the same
 */
public record NotificationSettings(List<Receiver> receivers, List<Network> allowed) {
  /** Nobody is told. */
  public static final NotificationSettings NONE = new NotificationSettings(List.of(), List.of());

  public NotificationSettings {
    receivers = List.copyOf(receivers);
    allowed = List.copyOf(allowed);
  }
}
