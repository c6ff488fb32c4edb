package dev.workspaceoperator.gate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.workspaceoperator.env.Forwarder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicReference;

/** Stands between a client and PostgreSQL, and loses a connection just when a COMMIT is sent. */
final class LossyProxy extends Forwarder {
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

  private final InetSocketAddress target;
  private final AtomicReference<Loss> next = new AtomicReference<>(Loss.NONE);
  private volatile boolean refusing;
  private volatile boolean refusingAfterLoss;

  private LossyProxy(int target) {
    this.target = new InetSocketAddress(InetAddress.getLoopbackAddress(), target);
  }

  /** Starts one on a free port that loses nothing yet. */
  static LossyProxy start(int target) {
    LossyProxy proxy = new LossyProxy(target);
    proxy.start();
    return proxy;
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
    endAll();
  }

  /** Lets everybody in again. */
  void admitAll() {
    refusing = false;
    refusingAfterLoss = false;
  }

  @Override
  protected InetSocketAddress target() {
    return target;
  }

  @Override
  protected boolean admits() {
    return !refusing;
  }

  @Override
  protected Way way() {
    return new LossyWay();
  }

  /** One client's way to the server and back. */
  private final class LossyWay implements Way {
    private volatile boolean mute;
    private volatile boolean serverSaidLost;

    @Override
    public void toServer(InputStream in, OutputStream out) throws IOException {
      byte[] buffer = new byte[1 << 20];
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
          return;
        }
        out.write(buffer, 0, n);
        out.flush();
        if (loss == Loss.CLIENT) {
          return;
        }
      }
    }

    @Override
    public void toClient(InputStream in, OutputStream out) throws IOException {
      byte[] buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        if (mute) {
          return;
        }
        if (!serverSaidLost) {
          out.write(buffer, 0, n);
        } else if (new String(buffer, 0, n, ISO_8859_1).endsWith(READY)) {
          serverSaidLost = false;
          out.write((SERVER_LOST + READY).getBytes(ISO_8859_1));
        }
        out.flush();
      }
    }
  }
}
