package dev.workspaceoperator.env;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A TCP server on 127.0.0.1 that hands on what it is sent, to another server and back; what becomes
 * of it on the way is its subclasses'. A connection ends on both sides as soon as it ends on one.
 */
public abstract class Forwarder implements AutoCloseable {
  private static final int CONNECT_MILLIS = 5_000;
  private static final int BACKLOG = 200;

  private final ServerSocket listener;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  /** Listens on a free port; {@link #start} takes connections. */
  protected Forwarder() {
    try {
      listener = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The server that a client who connects now is led to. */
  protected abstract InetSocketAddress target();

  /** Whether a client who connects now is let in. */
  protected boolean admits() {
    return true;
  }

  /** One client's way to the server and back, which nobody else goes. */
  protected abstract Way way();

  /** Takes connections from now on. */
  protected final void start() {
    thread("accept", this::accept);
  }

  /** Where it listens. */
  public final int port() {
    return listener.getLocalPort();
  }

  /** Ends every connection. */
  protected final void endAll() {
    sockets.forEach(Forwarder::end);
  }

  @Override
  public final void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    endAll();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        if (admits()) {
          sockets.add(client);
          thread("connect", () -> serve(client));
        } else {
          client.close();
        }
      } catch (IOException e) {
        if (!listener.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private void serve(Socket client) {
    Socket server = new Socket();
    sockets.add(server);
    try {
      server.connect(target(), CONNECT_MILLIS);
      server.setTcpNoDelay(true);
      client.setTcpNoDelay(true);
    } catch (IOException e) {
      // Nobody is there, which the client is told by the end of its connection.
      leave(client, server);
      return;
    }
    Way way = way();
    thread("back", () -> carry(server, client, way::toClient));
    carry(client, server, way::toServer);
  }

  private void carry(Socket from, Socket to, Direction direction) {
    try {
      direction.carry(from.getInputStream(), to.getOutputStream());
    } catch (IOException e) {
      // One end is gone: so is the other.
    } finally {
      leave(from, to);
    }
  }

  private void leave(Socket client, Socket server) {
    end(client);
    end(server);
    sockets.remove(client);
    sockets.remove(server);
  }

  private static void end(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A thread of its own: what waits for a time must not wait for others besides. */
  static void thread(String name, Runnable work) {
    Thread.ofPlatform().daemon(true).name("forwarder-" + name).start(work);
  }

  /** What becomes of what is sent on one connection. */
  protected interface Way {
    /** Carries what the client sends, until there is no more. */
    void toServer(InputStream in, OutputStream out) throws IOException;

    /** Carries what the server answers, until there is no more. */
    void toClient(InputStream in, OutputStream out) throws IOException;
  }

  private interface Direction {
    void carry(InputStream in, OutputStream out) throws IOException;
  }
}
