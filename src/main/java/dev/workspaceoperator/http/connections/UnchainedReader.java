package dev.workspaceoperator.http.connections;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.LazyString;
import java.nio.charset.Charset;
import java.util.function.Supplier;

/**
 * Reads what a client sends as the library's reader does, but begins with a new one whenever all
 * that was read is used up. The library's reader chains each piece to the next: once one piece of a
 * connection has grown old, every later one is taken for alive by collections of the young
 * generation, until the old one is full of them and a collection of everything holds up all
 * requests for 50 ms and more. The library hands its own reader's listener nothing, and nor does
 * this one.
 */
class UnchainedReader extends DataReader {
  private final Supplier<byte[]> source;
  private DataReader current;

  // The library means to offer its reader by a factory alone; there is no other way to extend it.
  @SuppressWarnings("removal")
  UnchainedReader(Supplier<byte[]> source) {
    super(source);
    this.source = source;
    this.current = DataReader.create(source);
  }

  /** The reader that has something left, or else a new one: nothing leads to it from the last. */
  private DataReader current() {
    if (current.available() == 0) {
      current = DataReader.create(source);
    }
    return current;
  }

  @Override
  public int available() {
    return current.available();
  }

  @Override
  public void pullData() {
    current().pullData();
  }

  @Override
  public void skip(int length) {
    current().skip(length);
  }

  @Override
  public void ensureAvailable() {
    current().ensureAvailable();
  }

  @Override
  public byte read() {
    return current().read();
  }

  @Override
  public byte lookup() {
    return current().lookup();
  }

  @Override
  public boolean startsWithNewLine() {
    return current().startsWithNewLine();
  }

  @Override
  public boolean startsWith(byte[] prefix) {
    return current().startsWith(prefix);
  }

  @Override
  public BufferData readBuffer() {
    return current().readBuffer();
  }

  @Override
  public BufferData readBuffer(int length) {
    return current().readBuffer(length);
  }

  @Override
  public BufferData getBuffer(int length) {
    return current().getBuffer(length);
  }

  @Override
  public LazyString readLazyString(Charset charset, int length) {
    return current().readLazyString(charset, length);
  }

  @Override
  public String readAsciiString(int length) {
    return current().readAsciiString(length);
  }

  @Override
  public byte[] readBytes(int length) {
    return current().readBytes(length);
  }

  @Override
  public String readLine() throws IncorrectNewLineException {
    return current().readLine();
  }

  @Override
  public int findOrNewLine(byte wanted, int max) throws IncorrectNewLineException {
    return current().findOrNewLine(wanted, max);
  }

  @Override
  public int findNewLine(int max) throws IncorrectNewLineException {
    return current().findNewLine(max);
  }

  @Override
  public String debugDataHex() {
    return current.debugDataHex();
  }
}
