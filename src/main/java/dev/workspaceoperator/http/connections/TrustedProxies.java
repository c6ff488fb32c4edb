package dev.workspaceoperator.http.connections;

import dev.workspaceoperator.network.Network;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Proxies whose {@code X-Forwarded-For} is believed. Each appends the address that it was called
 * from, so the list is read from its end, and whatever a client wrote before is never reached.
 */
public final class TrustedProxies {
  /** None: a request comes from whoever opened its connection. */
  public static final TrustedProxies NONE = new TrustedProxies(List.of());

  private final List<Network> networks;

  private TrustedProxies(List<Network> networks) {
    this.networks = List.copyOf(networks);
  }

  /**
   * Those in these networks, such as {@code 10.0.0.0/8}, {@code 2001:db8::/32} or a single address.
   *
   * @param mistakes told each text that is none: a sentence that says how to mend it
   */
  public static TrustedProxies in(Iterable<String> networks, Consumer<String> mistakes) {
    List<Network> read = new ArrayList<>();
    for (String text : networks) {
      Network.parse(text, mistakes).ifPresent(read::add);
    }
    return new TrustedProxies(read);
  }

  /**
   * The address that a request came from: the nearest that is no trusted proxy. Where the list does
   * not go on from a proxy, or goes on with something that is no address, it is that proxy's.
   *
   * @param peer who opened the connection
   * @param forwardedFor every value of {@code X-Forwarded-For}, in order
   */
  public InetAddress source(InetAddress peer, List<String> forwardedFor) {
    InetAddress source = peer;
    if (isTrusted(source)) {
      for (String value : forwardedFor.reversed()) {
        int end = value.length();
        while (end >= 0) {
          int comma = value.lastIndexOf(',', end - 1);
          Optional<InetAddress> before = address(value.substring(comma + 1, end).strip());
          if (before.isEmpty()) {
            return source;
          }
          source = before.get();
          if (!isTrusted(source)) {
            return source;
          }
          end = comma;
        }
      }
    }
    return source;
  }

  private boolean isTrusted(InetAddress address) {
    for (Network network : networks) {
      if (network.contains(address)) {
        return true;
      }
    }
    return false;
  }

  /** An address, as some proxies write it with a port. */
  private static Optional<InetAddress> address(String text) {
    int colon = text.lastIndexOf(':');
    if (text.startsWith("[")) {
      int bracket = text.indexOf(']');
      return bracket < 0 ? Optional.empty() : Network.address(text.substring(1, bracket));
    }
    return colon >= 0 && text.indexOf(':') == colon
        ? Network.address(text.substring(0, colon))
        : Network.address(text);
  }
}
