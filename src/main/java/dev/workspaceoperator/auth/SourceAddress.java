package dev.workspaceoperator.auth;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.HexFormat;

/** What counts as one source: an IPv4 address, or the /64 that one IPv6 subscriber has. */
final class SourceAddress {
  private static final int LENGTH_MAX = 64;
  private static final int PREFIX_BYTES = 8;

  private SourceAddress() {}

  /** The source of this address; of anything that is none, its beginning. */
  static String of(String address) {
    try {
      return InetAddress.ofLiteral(address) instanceof Inet6Address ip
          ? HexFormat.of().formatHex(ip.getAddress(), 0, PREFIX_BYTES)
          : address;
    } catch (IllegalArgumentException e) {
      // A name or a path of a socket: good enough to tell one from another.
      return address.substring(0, Math.min(address.length(), LENGTH_MAX));
    }
  }
}
