package dev.workspaceoperator.http.connections;

import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads requests as RFC 9112 has them where the library's reader does not: chunks may have
 * extensions and trailers, which mean nothing here (§7.1.1, §7.1.2), must end where they say
 * (§7.1), and never lie in memory whole if they are huge; and an empty line before a request is
 * nothing (§2.2).
 *
 * <p>The library reads by lines only in the framing of chunks, and by length only in their data.
 */
public final class RequestReader extends UnchainedReader {
  /** Longest chunk; a client that sends a body of more is told when this much was read. */
  static final int CHUNK_BYTES_MAX = 2 * 1024 * 1024;

  /** Of the size of a chunk with its extensions, and of all trailers. */
  private static final int FRAMING_BYTES_MAX = 16 * 1024;

  private static final int EMPTY_LINES_MAX = 4;

  /** A size in hexadecimal digits, and extensions, before which blanks are nothing (§7.1.1). */
  private static final Pattern SIZE = Pattern.compile("0*([0-9A-Fa-f]{1,15})[ \\t]*(;.*)?");

  private boolean requestLineNext = true;
  private boolean awaitsRequest;
  private boolean chunkOpen;
  private boolean trailersNext;
  private @Nullable RuntimeException failure;

  RequestReader(Supplier<byte[]> source) {
    super(source);
  }

  /** Chunks that cannot be read on: nobody knows where the next request would begin. */
  static final class BadChunksException extends RuntimeException {
    BadChunksException(String message) {
      super(message);
    }
  }

  /** A chunk that is too long to be read. */
  public static final class ChunkTooLargeException extends RuntimeException {
    ChunkTooLargeException() {
      super("a chunk of more than " + CHUNK_BYTES_MAX + " bytes");
    }
  }

  /** What comes next is another request. */
  void expectRequest() {
    requestLineNext = true;
    chunkOpen = false;
    trailersNext = false;
  }

  /** Whether the next request is read for, and not what is left of the body of the last. */
  boolean awaitsRequest() {
    return awaitsRequest;
  }

  @Override
  public int findNewLine(int max) throws IncorrectNewLineException {
    if (!requestLineNext) {
      return super.findNewLine(max);
    }
    requestLineNext = false;
    awaitsRequest = true;
    try {
      for (int i = 0; i < EMPTY_LINES_MAX && startsWithNewLine(); i++) {
        skip(2);
      }
      return super.findNewLine(max);
    } finally {
      awaitsRequest = false;
    }
  }

  /** The size of the next chunk, in hexadecimal digits; after the last one, the empty line. */
  @Override
  public String readLine() {
    if (failure != null) {
      throw failure;
    }
    if (trailersNext) {
      skipTrailers();
      trailersNext = false;
      return "";
    }
    String line = framing(FRAMING_BYTES_MAX);
    Matcher size = SIZE.matcher(line);
    if (!size.matches()) {
      throw failed(new BadChunksException("the size of a chunk is no hexadecimal number"));
    }
    long bytes = Long.parseLong(size.group(1), 16);
    if (bytes > CHUNK_BYTES_MAX) {
      throw failed(new ChunkTooLargeException());
    }
    trailersNext = bytes == 0;
    chunkOpen = bytes > 0;
    return Long.toHexString(bytes);
  }

  @Override
  public void skip(int length) {
    if (chunkOpen && length == 2) {
      chunkOpen = false;
      if (!startsWithNewLine()) {
        throw failed(new BadChunksException("a chunk is longer than it says"));
      }
    }
    super.skip(length);
  }

  /** The library tries to read what is left of a body; it must not wait for what never comes. */
  private RuntimeException failed(RuntimeException why) {
    failure = why;
    return why;
  }

  private void skipTrailers() {
    int left = FRAMING_BYTES_MAX;
    String line;
    do {
      line = framing(left);
      left = Math.max(0, left - line.length() - 2);
    } while (!line.isEmpty());
  }

  private String framing(int max) {
    int end;
    try {
      end = super.findNewLine(max);
    } catch (IncorrectNewLineException e) {
      throw failed(new BadChunksException("a line within the chunks has a bare CR or LF"));
    }
    if (end == max) {
      throw failed(new BadChunksException("a line within the chunks is too long"));
    }
    String line = readAsciiString(end);
    super.skip(2);
    return line;
  }
}
