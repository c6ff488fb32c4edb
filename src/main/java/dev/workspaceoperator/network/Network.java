package dev.workspaceoperator.network;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** The addresses that begin with the same bits (RFC 4632 §3.1, RFC 4291 §2.3). */
public final class Network {
  /** Neither names nor the short forms of IPv4, which mean what few expect. */
  private static final Pattern LITERAL =
      Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

  private static final Pattern BITS = Pattern.compile("\\d{1,3}");

  private final byte[] prefix;
  private final int bits;

  private Network(byte[] prefix, int bits) {
    this.prefix = prefix;
    this.bits = bits;
  }

  /** {@code address/bits}, or an address alone. */
  public static Optional<Network> parse(String text, Consumer<String> mistakes) {
    int slash = text.indexOf('/');
    Optional<InetAddress> address = address(slash < 0 ? text : text.substring(0, slash));
    String length = slash < 0 ? "" : text.substring(slash + 1);
    if (address.isEmpty() || (slash >= 0 && !BITS.matcher(length).matches())) {
      mistakes.accept(
          "\"%s\" is no network. Write 10.0.0.0/8, 2001:db8::/32 or one address.".formatted(text));
      return Optional.empty();
    }
    byte[] bytes = address.get().getAddress();
    int bits = slash < 0 ? bytes.length * 8 : Integer.parseInt(length);
    if (bits < 1 || bits > bytes.length * 8) {
      mistakes.accept(
          "\"%s\" must have from 1 to %d bits after its slash: never every address."
              .formatted(text, bytes.length * 8));
      return Optional.empty();
    }
    Network network = new Network(masked(bytes, bits), bits);
    if (!Arrays.equals(network.prefix, bytes)) {
      mistakes.accept(
          "\"%s\" has bits beyond its length. Did you mean %s?".formatted(text, network));
      return Optional.empty();
    }
    return Optional.of(network);
  }

  /** The address that this text is; no name is ever looked up. */
  public static Optional<InetAddress> address(String text) {
    if (!LITERAL.matcher(text).matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(InetAddress.ofLiteral(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  public boolean contains(InetAddress address) {
    byte[] bytes = address.getAddress();
    return bytes.length == prefix.length && Arrays.equals(masked(bytes, bits), prefix);
  }

  private static byte[] masked(byte[] address, int bits) {
    byte[] masked = address.clone();
    for (int i = 0; i < masked.length; i++) {
      int kept = Math.clamp(bits - i * 8L, 0, 8);
      masked[i] &= (byte) (0xFF << (8 - kept));
    }
    return masked;
  }

  @Override
  public String toString() {
    try {
      return InetAddress.getByAddress(prefix).getHostAddress() + "/" + bits;
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address has 4 or 16 bytes", e);
    }
  }
}
