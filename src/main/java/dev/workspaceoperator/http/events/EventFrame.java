package dev.workspaceoperator.http.events;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One event as it goes over the wire; made once for all streams that tell it. */
final class EventFrame {
  private final byte[] bytes;

  /**
   * A frame.
   *
   * @param bytes not to be changed any more
   */
  EventFrame(byte[] bytes) {
    this.bytes = bytes;
  }

  void writeTo(OutputStream output) throws IOException {
    output.write(bytes);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof EventFrame frame && Arrays.equals(bytes, frame.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }
}
