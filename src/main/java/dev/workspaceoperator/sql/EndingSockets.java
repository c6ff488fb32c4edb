package dev.workspaceoperator.sql;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import javax.net.SocketFactory;

/**
 * Sockets for pgjdbc, which reads past a value that does not fit into memory by skipping until it
 * has skipped enough, also where nothing more comes: a pooler that loses its server in the middle
 * of an answer makes such values. Here the end of what comes is an error. What is encrypted is read
 * by way of {@link EndingTls}.
 */
public final class EndingSockets extends SocketFactory {
  /** As pgjdbc makes it. */
  public EndingSockets() {}

  @Override
  public Socket createSocket() {
    return new EndingSocket();
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return createSocket(InetAddress.getByName(host), port);
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress local, int localPort)
      throws IOException {
    return createSocket(InetAddress.getByName(host), port, local, localPort);
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    Socket socket = createSocket();
    socket.connect(new InetSocketAddress(host, port));
    return socket;
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
      throws IOException {
    Socket socket = createSocket();
    socket.bind(new InetSocketAddress(local, localPort));
    socket.connect(new InetSocketAddress(host, port));
    return socket;
  }

  private static final class EndingSocket extends Socket {
    @Override
    public InputStream getInputStream() throws IOException {
      return new EndingStream(super.getInputStream());
    }
  }
}
