package dev.workspaceoperator.auth;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The proxies on the way out, as the environment names them for every program: {@code HTTPS_PROXY},
 * {@code HTTP_PROXY} and {@code NO_PROXY}, also in lower case, which wins. This machine is always
 * reached directly.
 *
 * @param https the proxy for addresses with https; empty: none
 * @param http the same for http
 * @param exceptions hosts that are reached directly
 */
public record ForwardProxies(
    Optional<Forwarder> https, Optional<Forwarder> http, List<String> exceptions) {
  /** Everything is reached directly. */
  public static final ForwardProxies NONE =
      new ForwardProxies(Optional.empty(), Optional.empty(), List.of());

  private static final int PORT_DEFAULT = 80;
  private static final int PORT_MAX = 65_535;

  public ForwardProxies {
    exceptions = List.copyOf(exceptions);
  }

  /**
   * A proxy.
   *
   * @param credentials for the header {@code Proxy-Authorization}; a secret
   */
  public record Forwarder(String host, int port, Optional<String> credentials) {
    @Override
    public String toString() {
      return host + ":" + port;
    }
  }

  /**
   * Reads the environment.
   *
   * @param mistakes told each mistake: a sentence that says how to mend it, and never the value
   */
  public static ForwardProxies in(Map<String, String> environment, Consumer<String> mistakes) {
    return new ForwardProxies(
        forwarder("HTTPS_PROXY", environment, mistakes),
        forwarder("HTTP_PROXY", environment, mistakes),
        value("NO_PROXY", environment).stream()
            .flatMap(list -> Arrays.stream(list.split("[,\\s]+", -1)))
            .map(entry -> entry.toLowerCase(Locale.ROOT))
            .filter(entry -> !entry.isEmpty())
            .toList());
  }

  /** The proxy on the way to this address; empty: none. */
  Optional<Forwarder> to(URI address) {
    Optional<Forwarder> proxy = "https".equalsIgnoreCase(address.getScheme()) ? https : http;
    return proxy.filter(_ -> !isDirect(address));
  }

  /** For the HTTP client. */
  ProxySelector selector() {
    return new ProxySelector() {
      @Override
      public List<Proxy> select(URI uri) {
        return List.of(
            to(uri)
                .map(proxy -> new InetSocketAddress(proxy.host(), proxy.port()))
                .map(address -> new Proxy(Proxy.Type.HTTP, address))
                .orElse(Proxy.NO_PROXY));
      }

      @Override
      public void connectFailed(URI uri, SocketAddress address, IOException failure) {
        // Whoever asked is told by the exception.
      }
    };
  }

  private boolean isDirect(URI address) {
    String host = unbracketed(address.getHost()).toLowerCase(Locale.ROOT);
    Optional<InetAddress> literal = literal(host);
    return host.equals("localhost")
        || literal.map(InetAddress::isLoopbackAddress).orElse(false)
        || exceptions.stream()
            .anyMatch(exception -> isMeant(exception, host, port(address), literal));
  }

  private static boolean isMeant(
      String exception, String host, int port, Optional<InetAddress> literal) {
    if (exception.equals("*")) {
      return true;
    }
    if (exception.indexOf('/') > 0) {
      return literal.map(address -> isWithin(exception, address)).orElse(false);
    }
    // Of an IPv6 address, only one in brackets can have a port.
    int colon = exception.lastIndexOf(':');
    boolean withPort = colon > 0 && (exception.indexOf(':') == colon || exception.startsWith("["));
    if (withPort && !exception.substring(colon + 1).equals(String.valueOf(port))) {
      return false;
    }
    String name = unbracketed(withPort ? exception.substring(0, colon) : exception);
    if (literal.isPresent()) {
      return literal(name).equals(literal);
    }
    String bare = name.startsWith("*.") ? name.substring(1) : name;
    return bare.startsWith(".")
        ? host.endsWith(bare) || host.equals(bare.substring(1))
        : host.equals(bare) || host.endsWith("." + bare);
  }

  /** Whether an address begins with the same bits as a network, such as {@code 10.0.0.0/8}. */
  private static boolean isWithin(String network, InetAddress address) {
    int slash = network.indexOf('/');
    Optional<byte[]> prefix = literal(network.substring(0, slash)).map(InetAddress::getAddress);
    byte[] bytes = address.getAddress();
    int bits;
    try {
      bits = Integer.parseInt(network.substring(slash + 1));
    } catch (NumberFormatException e) {
      return false;
    }
    if (prefix.isEmpty()
        || prefix.get().length != bytes.length
        || bits < 0
        || bits > bytes.length * 8) {
      return false;
    }
    for (int i = 0; i < bits; i++) {
      int mask = 0x80 >> (i % 8);
      if ((bytes[i / 8] & mask) != (prefix.get()[i / 8] & mask)) {
        return false;
      }
    }
    return true;
  }

  private static Optional<Forwarder> forwarder(
      String name, Map<String, String> environment, Consumer<String> mistakes) {
    Optional<String> value = value(name, environment);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    Optional<Forwarder> proxy = parse(value.get());
    if (proxy.isEmpty()) {
      mistakes.accept(
          "%s must be the address of an HTTP proxy, such as http://proxy.example.com:3128. Other kinds of proxies cannot be used."
              .formatted(name));
    }
    return proxy;
  }

  private static Optional<Forwarder> parse(String value) {
    try {
      URI uri = new URI(value.contains("://") ? value : "http://" + value);
      boolean bare = uri.getRawPath().isEmpty() || uri.getRawPath().equals("/");
      boolean reachable = uri.getHost() != null && uri.getPort() != 0 && uri.getPort() <= PORT_MAX;
      return reachable && "http".equalsIgnoreCase(uri.getScheme()) && bare
          ? Optional.of(
              new Forwarder(
                  unbracketed(uri.getHost()),
                  uri.getPort() < 0 ? PORT_DEFAULT : uri.getPort(),
                  Optional.ofNullable(uri.getUserInfo()).map(ForwardProxies::basic)))
          : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  /** RFC 7617. */
  private static String basic(String userInfo) {
    String pair = userInfo.contains(":") ? userInfo : userInfo + ":";
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  private static Optional<String> value(String name, Map<String, String> environment) {
    @Nullable String lower = environment.get(name.toLowerCase(Locale.ROOT));
    return Optional.ofNullable(lower != null ? lower : environment.get(name))
        .map(String::strip)
        .filter(value -> !value.isEmpty());
  }

  private static int port(URI address) {
    boolean https = "https".equalsIgnoreCase(address.getScheme());
    return address.getPort() >= 0 ? address.getPort() : https ? 443 : 80;
  }

  private static String unbracketed(String host) {
    return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
  }

  /** No name is ever looked up for this. */
  private static Optional<InetAddress> literal(String host) {
    boolean address =
        host.contains(":") || host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
    try {
      return address ? Optional.of(InetAddress.ofLiteral(host)) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
