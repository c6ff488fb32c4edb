package dev.workspaceoperator.gate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/** Stands between a client and PostgreSQL, and loses a connection just when a COMMIT is sent. */
final class LossyProxy implements AutoCloseable {
  /** What becomes of the next COMMIT. */
  enum Loss {
    /** Nothing. */
    NONE,
    /** It reaches the server, and its answer is lost. */
    ANSWER,
    /** It reaches the server, and the client is cut off before the server has answered. */
    CLIENT,
    /** It reaches the server, whom a pooler then says to have lost, and keeps its client. */
    SERVER,
    /** It never reaches the server. */
    COMMAND
  }

  /** PostgreSQL's messages ErrorResponse and ReadyForQuery. */
  private static final String SERVER_LOST = "E\0\0\0(SFATAL\0C08P01\0Mserver conn crashed\0\0";

  private static final String READY = "Z\0\0\0\u0005I";

  private final ServerSocket listener;
  private final int target;
  private final AtomicReference<Loss> next = new AtomicReference<>(Loss.NONE);
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean refusing;
  private volatile boolean refusingAfterLoss;

  LossyProxy(int target) {
    this.target = target;
    try {
      listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Loses the next COMMIT. */
  void loseNext(Loss loss) {
    next.set(loss);
  }

  /** Whether the loss has happened. */
  boolean hasLost() {
    return next.get() == Loss.NONE;
  }

  /** Loses the next COMMIT, and lets nobody in after. */
  void loseNextAndRefuse(Loss loss) {
    refusingAfterLoss = true;
    next.set(loss);
  }

  /** Ends every connection, and lets nobody in. */
  void refuseAll() {
    refusing = true;
    sockets.forEach(LossyProxy::end);
  }

  /** Lets everybody in again. */
  void admitAll() {
    refusing = false;
    refusingAfterLoss = false;
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    sockets.forEach(LossyProxy::end);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        if (refusing) {
          client.close();
          continue;
        }
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        sockets.add(client);
        sockets.add(server);
        Connection connection = new Connection(client, server);
        Thread.ofVirtual().start(() -> connection.pumpCommands());
        Thread.ofVirtual().start(connection::pumpAnswers);
      } catch (IOException e) {
        if (!listener.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private static void end(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One client's way to the server and back. */
  private final class Connection {
    private final Socket client;
    private final Socket server;
    private volatile boolean mute;
    private volatile boolean serverSaidLost;

    Connection(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    void pumpCommands() {
      byte[] buffer = new byte[1 << 20];
      try {
        InputStream in = client.getInputStream();
        OutputStream out = server.getOutputStream();
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          // The text is sent until the driver has prepared it: for the first batches of a session.
          String text = new String(buffer, 0, n, ISO_8859_1);
          // A session's settings are committed too, before its first batch.
          boolean commits = text.contains("COMMIT") && !text.contains("set_config");
          Loss loss = commits ? next.getAndSet(Loss.NONE) : Loss.NONE;
          mute = loss == Loss.ANSWER;
          serverSaidLost = loss == Loss.SERVER;
          refusing |= refusingAfterLoss && loss != Loss.NONE;
          if (loss == Loss.COMMAND) {
            break;
          }
          out.write(buffer, 0, n);
          out.flush();
          if (loss == Loss.CLIENT) {
            break;
          }
        }
      } catch (IOException e) {
        // The other end is gone: so is this one.
      } finally {
        end(client);
        end(server);
      }
    }

    void pumpAnswers() {
      byte[] buffer = new byte[1 << 16];
      try {
        InputStream in = server.getInputStream();
        OutputStream out = client.getOutputStream();
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          if (mute) {
            break;
          }
          if (!serverSaidLost) {
            out.write(buffer, 0, n);
          } else if (new String(buffer, 0, n, ISO_8859_1).endsWith(READY)) {
            serverSaidLost = false;
            out.write((SERVER_LOST + READY).getBytes(ISO_8859_1));
          }
          out.flush();
        }
      } catch (IOException e) {
        // As above.
      } finally {
        end(client);
        end(server);
      }
    }
  }
}
