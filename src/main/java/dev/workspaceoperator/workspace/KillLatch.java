package dev.workspaceoperator.workspace;

import java.time.Instant;
import java.util.Optional;

/**
 * One holder's stop; only that holder releases it.
 *
 * @param holder who holds it
 * @param since when it was engaged, by the database's clock
 * @param reason why, in a person's words
 */
public record KillLatch(Holder holder, Instant since, Optional<String> reason) {
  /** Who can hold a latch, weakest first. */
  public enum Holder {
    /** The REST API of the workspace. */
    RUNTIME(Source.RUNTIME),
    /** The manifest of the workspace. */
    DECLARED(Source.DECLARED),
    /** The whole installation. */
    PLATFORM(Source.PLATFORM);

    private final Source source;

    Holder(Source source) {
      this.source = source;
    }

    /** The layer that this holder stands for. */
    public Source source() {
      return source;
    }
  }
}
