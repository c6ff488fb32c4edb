package dev.workspaceoperator.auth;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;

/** What may be asked for keys: https, or plain http on this machine only. */
final class KeyAddress {
  private KeyAddress() {}

  /** The address, if keys may come from there. */
  static Optional<URI> parse(String text) {
    try {
      URI uri = new URI(text);
      boolean absolute = uri.getHost() != null && uri.getUserInfo() == null;
      return absolute && (isHttps(uri) || isLoopback(uri)) ? Optional.of(uri) : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  /** Scheme, host and port of an address, as a browser writes them (RFC 6454). */
  static String origin(URI address) {
    String scheme = address.getScheme().toLowerCase(Locale.ROOT);
    int port = address.getPort();
    boolean isUsual = port < 0 || port == (scheme.equals("https") ? 443 : 80);
    return scheme
        + "://"
        + address.getHost().toLowerCase(Locale.ROOT)
        + (isUsual ? "" : ":" + port);
  }

  private static boolean isHttps(URI uri) {
    return "https".equalsIgnoreCase(uri.getScheme());
  }

  private static boolean isLoopback(URI uri) {
    return "http".equalsIgnoreCase(uri.getScheme())
        && (uri.getHost().equals("localhost") || isLoopbackAddress(uri.getHost()));
  }

  private static boolean isLoopbackAddress(String host) {
    try {
      return InetAddress.ofLiteral(host).isLoopbackAddress();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
