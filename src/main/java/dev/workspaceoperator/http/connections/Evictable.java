package dev.workspaceoperator.http.connections;

import org.jspecify.annotations.Nullable;

/** A connection as one of those that may have to make room for another. */
interface Evictable {
  /** The address that it came from. */
  String host();

  /** Who signed in on it first; null while nobody has. */
  @Nullable Object tenant();

  /**
   * It stands at the end of a line of those that may have to make room.
   *
   * @param nanos now, as {@link System#nanoTime} tells time
   */
  void inLineSince(long nanos);

  /** Whether anything came from its client since it was put in line. */
  boolean wasHeardInLine();

  /**
   * Leaves, if nobody would miss it: no request of it is being answered, and nobody who has signed
   * in is in the middle of one. The caller then closes the socket.
   *
   * @param urgent whether it is looked at as if nobody had signed in
   */
  boolean tryLeave(boolean urgent);

  /** Closes the socket; the connection's thread notices and ends. */
  void closeSocket();
}
