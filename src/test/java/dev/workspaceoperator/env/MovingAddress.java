package dev.workspaceoperator.env;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;

/**
 * One address in front of several servers, as a Service of Kubernetes: whoever connects is led to
 * the present one, and a connection stays with whom it was led to.
 */
public final class MovingAddress extends Forwarder {
  private volatile InetSocketAddress target;

  private MovingAddress(InetSocketAddress first) {
    this.target = first;
  }

  /** Leads to this one at first. */
  public static MovingAddress start(String host, int port) {
    MovingAddress address = new MovingAddress(new InetSocketAddress(host, port));
    address.start();
    return address;
  }

  /** Leads whoever connects from now on to another one. */
  public void moveTo(String host, int port) {
    target = new InetSocketAddress(host, port);
  }

  @Override
  protected InetSocketAddress target() {
    return target;
  }

  @Override
  protected Way way() {
    return new Straight();
  }

  private static final class Straight implements Way {
    @Override
    public void toServer(InputStream in, OutputStream out) throws IOException {
      in.transferTo(out);
    }

    @Override
    public void toClient(InputStream in, OutputStream out) throws IOException {
      in.transferTo(out);
    }
  }
}
