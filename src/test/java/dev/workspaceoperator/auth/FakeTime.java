package dev.workspaceoperator.auth;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicLong;

/** Time that passes only when a test says so. */
final class FakeTime {
  static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

  private final AtomicLong passed = new AtomicLong();

  TimeSource source() {
    return new TimeSource(clock(), passed::get);
  }

  Instant instant() {
    return START.plusNanos(passed.get());
  }

  void pass(Duration duration) {
    passed.addAndGet(duration.toNanos());
  }

  private Clock clock() {
    return new Clock() {
      @Override
      public Instant instant() {
        return FakeTime.this.instant();
      }

      @Override
      public ZoneId getZone() {
        return ZoneOffset.UTC;
      }

      @Override
      public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException();
      }
    };
  }
}
