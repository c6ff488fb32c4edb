package dev.workspaceoperator.attacks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** One connection of an attacker, which is made anew whenever it is lost. */
final class Foe {
  private static final SplittableRandom RANDOM = new SplittableRandom();

  /** Little: whoever does not read shall fill it soon. */
  private static final int RECEIVE_BYTES_OF_DEAF = 4_096;

  private final Gang gang;
  private final Incoming incoming = new Incoming();
  private int next;
  private int answered;
  private String lastId = "";
  private ByteBuffer outgoing = ByteBuffer.allocate(0);
  private @Nullable SocketChannel channel;

  Foe(Gang gang, int number) {
    this.gang = gang;
    this.next = gang.order().isChained() ? 0 : number % gang.templates().size();
  }

  Gang gang() {
    return gang;
  }

  /** Begins to connect. */
  void connect(Selector selector, int port) throws IOException {
    SocketChannel made = SocketChannel.open();
    channel = made;
    made.configureBlocking(false);
    made.setOption(StandardSocketOptions.TCP_NODELAY, true);
    if (gang.order().manner() == Order.Manner.DOES_NOT_READ) {
      made.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BYTES_OF_DEAF);
    }
    if (gang.order().sources() > 1) {
      made.bind(new InetSocketAddress(gang.nextSource(), 0));
    }
    incoming.clear();
    answered = 0;
    outgoing = ByteBuffer.allocate(0);
    made.register(selector, SelectionKey.OP_CONNECT, this);
    made.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  /** Goes on with what the connection is ready for; false: it is over. */
  boolean goOn(SelectionKey key) throws IOException {
    if (key.isConnectable()) {
      connected().finishConnect();
      key.interestOps(SelectionKey.OP_READ);
      return send(key);
    }
    if (key.isWritable() && !write(key)) {
      return true;
    }
    return !key.isReadable() || read(key);
  }

  /** Gives the connection up. */
  void close() {
    try {
      if (channel != null) {
        // At once, and without a port that lingers.
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        channel.close();
      }
    } catch (IOException gone) {
      gang.count("not closed");
    }
    channel = null;
  }

  private boolean read(SelectionKey key) throws IOException {
    if (!incoming.read(connected())) {
      if (incoming.hasStatus()) {
        gang.count(incoming.outcome());
      }
      return false;
    }
    return switch (gang.order().manner()) {
      case ASKS -> !incoming.isWhole() || sendNext(key);
      case FALLS_SILENT -> {
        if (incoming.isWhole()) {
          gang.count(incoming.outcome());
          incoming.clear();
        }
        yield true;
      }
      case DOES_NOT_READ -> {
        if (incoming.hasStatus()) {
          gang.count(incoming.status());
          key.interestOps(0);
          yield incoming.isGood();
        }
        yield true;
      }
    };
  }

  private boolean sendNext(SelectionKey key) throws IOException {
    gang.count(incoming.outcome());
    lastId = incoming.id();
    boolean isLast = incoming.isLast();
    incoming.clear();
    answered++;
    if (isLast || answered == gang.order().perConnection()) {
      return false;
    }
    return send(key);
  }

  private boolean send(SelectionKey key) throws IOException {
    if (lastId.isEmpty() && gang.templates().get(next).has(Blank.LAST_ID)) {
      next = 0;
    }
    outgoing = ByteBuffer.wrap(gang.templates().get(next).fill(gang.nextNumber(), lastId, RANDOM));
    next = (next + 1) % gang.templates().size();
    boolean _ = write(key);
    return true;
  }

  /** Whether all is out. */
  private boolean write(SelectionKey key) throws IOException {
    connected().write(outgoing);
    boolean done = !outgoing.hasRemaining();
    key.interestOps(done ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE);
    return done;
  }

  private SocketChannel connected() throws IOException {
    if (channel == null) {
      throw new IOException("not connected");
    }
    return channel;
  }
}
