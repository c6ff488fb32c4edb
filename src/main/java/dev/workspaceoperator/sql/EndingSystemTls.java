package dev.workspaceoperator.sql;

import java.io.IOException;
import java.net.Socket;
import java.util.Properties;
import javax.net.ssl.SSLSocket;
import org.postgresql.ssl.DefaultJavaSSLFactory;

/** As {@link EndingTls}, where the authorities of the system are trusted. */
public final class EndingSystemTls extends DefaultJavaSSLFactory {
  /** As pgjdbc makes it. */
  public EndingSystemTls(Properties info) {
    super(info);
  }

  @Override
  public Socket createSocket(Socket socket, String host, int port, boolean autoClose)
      throws IOException {
    return new EndingTlsSocket((SSLSocket) super.createSocket(socket, host, port, autoClose));
  }
}
