package dev.workspaceoperator.auth;

import java.time.Clock;
import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * The time, twice: the day's, by which credentials end, and one that never goes back, by which ages
 * are measured.
 *
 * @param clock tells when a credential has ended
 * @param nanos as {@link System#nanoTime()}: only differences mean anything
 */
record TimeSource(Clock clock, LongSupplier nanos) {
  static final TimeSource SYSTEM = new TimeSource(Clock.systemUTC(), System::nanoTime);

  Instant instant() {
    return clock.instant();
  }

  long nanoTime() {
    return nanos.getAsLong();
  }
}
