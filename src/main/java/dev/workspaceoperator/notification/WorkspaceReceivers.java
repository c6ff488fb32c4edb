package dev.workspaceoperator.notification;

import dev.workspaceoperator.network.Network;
import dev.workspaceoperator.workspace.DeclaredReceiver;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.port.NotificationOutbox.KeyRight;
import dev.workspaceoperator.workspace.port.ReceiverRules;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What Workspaces may name as receivers of their own.
 *
 * @param grants who may name which key, by its name
 * @param allowed networks of addresses that are not public and may be sent to all the same
 */
public record WorkspaceReceivers(Map<String, KeyGrant> grants, List<Network> allowed)
    implements ReceiverRules {
  /** They may name none. */
  public static final WorkspaceReceivers NONE = new WorkspaceReceivers(Map.of(), List.of());

  /** Names that mean something within a cluster or a host only. */
  private static final Pattern LOCAL_NAME =
      Pattern.compile("[^.]*|.*\\.(localhost|local|internal|svc)\\.?");

  public WorkspaceReceivers {
    grants = Map.copyOf(grants);
    allowed = List.copyOf(allowed);
  }

  @Override
  public Optional<String> refusal(ResourceIdentity workspace, DeclaredReceiver receiver) {
    KeyGrant grant = grants.get(receiver.keyName());
    if (grant == null || !grant.includes(workspace)) {
      // Of a key that is somebody else's no more is told than of one that there is not.
      return Optional.of(
          "no key \"%s\" is for workspaces of the namespace \"%s\". Ask whoever runs the installation for one"
              .formatted(receiver.keyName(), workspace.namespace()));
    }
    URI url = URI.create(receiver.url());
    String host = url.getHost();
    boolean isHttp = "http".equals(url.getScheme());
    Optional<InetAddress> address = Network.address(host.replaceAll("[\\[\\]]", ""));
    boolean isElsewhere =
        address
            .map(it -> isOutside(it, url.getScheme()))
            .orElse(allowed.isEmpty() && LOCAL_NAME.matcher(host).matches());
    if (isElsewhere) {
      return Optional.of(
          "%s is not a public address, or http is not to be used there. Use https and a host that is public, or ask whoever runs the installation to allow its network to workspaces"
              .formatted(host));
    }
    return isHttp && allowed.isEmpty()
        ? Optional.of("http is not to be used. Use https")
        : Optional.empty();
  }

  private boolean isOutside(InetAddress address, String scheme) {
    boolean isAllowed = allowed.stream().anyMatch(network -> network.contains(address));
    return !isAllowed && ("http".equals(scheme) || !ReceiverAddresses.isPublic(address));
  }

  /** The same, for whoever writes deliveries. */
  List<KeyRight> keyRights() {
    return grants.entrySet().stream()
        .flatMap(key ->
            key.getValue().namespaces().stream()
                .map(namespace -> new KeyRight(key.getKey(), key.getValue().cluster(), namespace)))
        .toList();
  }
}
