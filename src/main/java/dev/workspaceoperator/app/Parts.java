package dev.workspaceoperator.app;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a role has started: last started, first stopped. */
final class Parts implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Parts.class);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  /** Takes charge of a part. */
  synchronized <T extends AutoCloseable> T own(T part) {
    parts.push(part);
    return part;
  }

  /** Stops all of them, also if one does not stop in good order. */
  @Override
  public synchronized void close() {
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (Exception e) {
        log.atWarn()
            .addKeyValue("part", part.getClass().getSimpleName())
            .setCause(e)
            .log("A part did not stop in good order");
      }
    }
  }
}
