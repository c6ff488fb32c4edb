package dev.workspaceoperator.console;

import dev.workspaceoperator.env.Forwarder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** The way of a browser to the API, which can be shut, and opened again. */
final class Door extends Forwarder {
  private final int server;
  private volatile boolean isOpen = true;

  Door(int server) {
    this.server = server;
    start();
  }

  /** Nobody comes through, and whoever is on the way is cut off. */
  void shut() {
    isOpen = false;
    endAll();
  }

  void open() {
    isOpen = true;
  }

  /** Cuts off whoever is on the way. */
  void cut() {
    endAll();
  }

  @Override
  protected InetSocketAddress target() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), server);
  }

  @Override
  protected boolean admits() {
    return isOpen;
  }

  @Override
  protected Way way() {
    return new Way() {
      @Override
      public void toServer(InputStream from, OutputStream to) throws IOException {
        from.transferTo(to);
      }

      @Override
      public void toClient(InputStream from, OutputStream to) throws IOException {
        from.transferTo(to);
      }
    };
  }
}
