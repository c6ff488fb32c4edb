package dev.workspaceoperator.gate.ledger;

import java.time.Instant;
import java.time.temporal.ChronoField;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Ids of what a batch admits: UUIDv7 (RFC 9562, section 5.7) from the batch's clock. The bits after
 * the millisecond hold its fraction (section 6.2, method 3), then a count within the batch, so that
 * ids rise in the order of decisions; the last 48 bits are random.
 */
public final class DecisionIds {
  private static final int COUNT_BITS = 14;

  private final RandomGenerator random;
  private int count;

  public DecisionIds(RandomGenerator random) {
    this.random = random;
  }

  /** A new id of this time. */
  public UUID next(Instant now) {
    long fraction = now.get(ChronoField.MICRO_OF_SECOND) % 1000 * 4096L / 1000;
    long ordinal = count++ & ((1L << COUNT_BITS) - 1);
    return new UUID(
        now.toEpochMilli() << 16 | 0x7000L | fraction,
        0x8000_0000_0000_0000L | ordinal << 48 | random.nextLong() >>> 16);
  }
}
