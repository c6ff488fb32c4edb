package dev.workspaceoperator.app.option;

/**
 * Where a server listens.
 *
 * @param host host name or address of an interface; {@code 0.0.0.0} for all of them
 * @param port 0 for any that is free
 */
public record ListenAddress(String host, int port) {
  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
