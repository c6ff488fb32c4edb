package dev.workspaceoperator.notification;

import dev.workspaceoperator.network.Network;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.hc.client5.http.DnsResolver;

/**
 * Where receivers may be: at public addresses, and in the networks that the installation allows.
 * Else whoever names a receiver could have this process speak to the cluster's own services, to the
 * cloud's metadata, or to itself. The addresses that were looked at are those that are connected
 * to: a name that means something else a moment later changes nothing.
 */
final class ReceiverAddresses implements DnsResolver {
  /** The IANA special-purpose registries for IPv4: none of these is anybody's on the internet. */
  private static final List<Network> SPECIAL =
      Stream.of(
              "0.0.0.0/8",
              "10.0.0.0/8",
              "100.64.0.0/10",
              "127.0.0.0/8",
              "169.254.0.0/16",
              "172.16.0.0/12",
              "192.0.0.0/24",
              "192.0.2.0/24",
              "192.88.99.0/24",
              "192.168.0.0/16",
              "198.18.0.0/15",
              "198.51.100.0/24",
              "203.0.113.0/24",
              "224.0.0.0/4",
              "240.0.0.0/4",
              // Of what is global of IPv6: protocols, tunnels to any IPv4 address, documentation.
              "2001::/23",
              "2001:db8::/32",
              "2002::/16",
              "3fff::/20")
          .map(ReceiverAddresses::network)
          .toList();

  private static final Network GLOBAL_IPV6 = network("2000::/3");

  private final List<Network> allowed;
  private final NameLookups lookups;

  ReceiverAddresses(List<Network> allowed, NameLookups lookups) {
    this.allowed = List.copyOf(allowed);
    this.lookups = lookups;
  }

  @Override
  public InetAddress[] resolve(String host) throws UnknownHostException {
    return fit(
        host,
        this::isAllowed,
        "which is not public. Add its network to allowedNetworks if it is meant");
  }

  /** For what is sent in the clear: in networks that the installation has named, and no others. */
  DnsResolver ofHttp() {
    return new DnsResolver() {
      @Override
      public InetAddress[] resolve(String host) throws UnknownHostException {
        return fit(
            host,
            ReceiverAddresses.this::isInAllowedNetwork,
            "and http is for allowedNetworks only. Use https");
      }

      @Override
      public String resolveCanonicalHostname(String host) {
        return host;
      }
    };
  }

  private InetAddress[] fit(String host, Predicate<InetAddress> isFit, String otherwise)
      throws UnknownHostException {
    InetAddress[] addresses = lookups.addresses(host);
    InetAddress[] fit = Arrays.stream(addresses).filter(isFit).toArray(InetAddress[]::new);
    if (fit.length == 0) {
      throw new UnknownHostException(
          "%s has the address %s, %s".formatted(host, addresses[0].getHostAddress(), otherwise));
    }
    return fit;
  }

  @Override
  public String resolveCanonicalHostname(String host) {
    return host;
  }

  /** Whether a receiver may be at this address. */
  boolean isAllowed(InetAddress address) {
    return isPublic(address) || isInAllowedNetwork(address);
  }

  /** Whether the installation has named a network that this address is in. */
  boolean isInAllowedNetwork(InetAddress address) {
    return allowed.stream().anyMatch(network -> network.contains(address));
  }

  static boolean isPublic(InetAddress address) {
    return (address instanceof Inet4Address || GLOBAL_IPV6.contains(address))
        && SPECIAL.stream().noneMatch(network -> network.contains(address));
  }

  private static Network network(String text) {
    return Network.parse(
            text,
            mistake -> {
              throw new IllegalArgumentException(mistake);
            })
        .orElseThrow();
  }
}
