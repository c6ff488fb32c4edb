package dev.workspaceoperator.sql;

import java.io.IOException;
import java.net.Socket;
import java.util.Properties;
import javax.net.ssl.SSLSocket;
import org.postgresql.ssl.LibPQFactory;
import org.postgresql.util.PSQLException;

/**
 * TLS as pgjdbc makes it for libpq's parameters, over what {@link EndingSockets} does in the clear.
 */
public final class EndingTls extends LibPQFactory {
  /** As pgjdbc makes it. */
  public EndingTls(Properties info) throws PSQLException {
    super(info);
  }

  @Override
  public Socket createSocket(Socket socket, String host, int port, boolean autoClose)
      throws IOException {
    return new EndingTlsSocket((SSLSocket) super.createSocket(socket, host, port, autoClose));
  }
}
