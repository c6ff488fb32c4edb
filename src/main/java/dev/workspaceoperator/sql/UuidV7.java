package dev.workspaceoperator.sql;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.UUID;

/** Identifiers that sort by the time at which they were made (RFC 9562, section 5.7). */
public final class UuidV7 {
  /** The nil UUID (RFC 9562, section 5.9), which PostgreSQL sorts before all others. */
  public static final UUID NIL = new UUID(0, 0);

  private static final SecureRandom RANDOM = new SecureRandom();

  private UuidV7() {}

  /** A new identifier. The time is the database's, so that replicas with wrong clocks agree. */
  public static UUID at(Instant databaseNow) {
    long high = (databaseNow.toEpochMilli() << 16) | 0x7000L | (RANDOM.nextInt(1 << 12) & 0xFFFL);
    long low = (RANDOM.nextLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
    return new UUID(high, low);
  }
}
