package dev.workspaceoperator.attacks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** An answer as it comes in. */
final class Incoming {
  private static final ByteBuffer SHARED = ByteBuffer.allocateDirect(64 * 1024);
  private static final int STATUS_END = "HTTP/1.1 200".length();
  private static final int ID_LENGTH = 36;
  private static final String CHUNKED = "\r\ntransfer-encoding: chunked";
  private static final String LENGTH = "\r\ncontent-length: ";
  private static final String END_OF_CHUNKS = "\r\n0\r\n\r\n";

  private byte[] bytes = new byte[512];
  private int filled;

  void clear() {
    filled = 0;
  }

  /** Takes what is there; false: the other side has ended. */
  boolean read(SocketChannel channel) throws IOException {
    SHARED.clear();
    int read = channel.read(SHARED);
    if (read < 0) {
      return false;
    }
    if (filled + read > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, filled + read));
    }
    SHARED.flip().get(bytes, filled, read);
    filled += read;
    return true;
  }

  boolean hasStatus() {
    return filled >= STATUS_END;
  }

  String status() {
    return text(STATUS_END - 3, STATUS_END);
  }

  boolean isGood() {
    return status().charAt(0) == '2';
  }

  /** Whether all of it is there. */
  boolean isWhole() {
    int head = headLength();
    if (head < 0) {
      return false;
    }
    String headers = text(0, head).toLowerCase(Locale.ROOT);
    if (headers.contains(CHUNKED)) {
      return text(Math.max(head - 2, filled - END_OF_CHUNKS.length()), filled)
          .endsWith(END_OF_CHUNKS);
    }
    int at = headers.indexOf(LENGTH);
    int length =
        at < 0
            ? 0
            : Integer.parseInt(
                headers.substring(at + LENGTH.length(), headers.indexOf('\r', at + 2)).strip());
    return filled >= head + length;
  }

  /** Whether the other side closes after it. */
  boolean isLast() {
    return text(0, headLength()).toLowerCase(Locale.ROOT).contains("\r\nconnection: close");
  }

  /** Status, and code of a problem. */
  String outcome() {
    return isGood() ? status() : (status() + " " + after("\"code\":\"", '"')).strip();
  }

  /** Empty if it has none. */
  String id() {
    String id = isGood() ? after("\"id\":\"", '"') : "";
    return id.length() == ID_LENGTH ? id : "";
  }

  private String after(String prefix, char end) {
    String all = text(0, filled);
    int at = all.indexOf(prefix);
    int to = at < 0 ? -1 : all.indexOf(end, at + prefix.length());
    return to < 0 ? "" : all.substring(at + prefix.length(), to);
  }

  private int headLength() {
    for (int i = 0; i + 3 < filled; i++) {
      if (bytes[i] == '\r'
          && bytes[i + 1] == '\n'
          && bytes[i + 2] == '\r'
          && bytes[i + 3] == '\n') {
        return i + 4;
      }
    }
    return -1;
  }

  private String text(int from, int to) {
    return new String(bytes, from, Math.max(0, to - from), StandardCharsets.ISO_8859_1);
  }
}
