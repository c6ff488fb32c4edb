package dev.workspaceoperator.sql;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** What comes from a socket, where there is nothing to be skipped beyond its end. */
final class EndingStream extends FilterInputStream {
  EndingStream(InputStream stream) {
    super(stream);
  }

  @Override
  public long skip(long count) throws IOException {
    long skipped = super.skip(count);
    if (skipped == 0 && count > 0) {
      throw new EOFException("the connection ended in the middle of an answer");
    }
    return skipped;
  }
}
