package dev.workspaceoperator.app;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.workspaceoperator.http.server.AccessLog;
import dev.workspaceoperator.loop.Loop;
import dev.workspaceoperator.metric.Metric;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The access log as one JSON object a line, in the form of the other log lines. Lines are gathered
 * and written by a thread of their own, because a request must neither wait for whoever reads them
 * nor cost more for its line than for its answer. Where the reader cannot keep up, lines are
 * dropped and counted.
 */
final class LineAccessLog implements AccessLog, AutoCloseable {
  private static final int GATHERED_BYTES_MAX = 4 * 1024 * 1024;
  private static final int TYPICAL_LINE_LENGTH = 400;
  private static final Duration WRITE_EVERY = Duration.ofMillis(50);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);

  private final PrintStream target;
  private final Clock clock;
  private final Object lock = new Object();
  private final AtomicLong dropped = new AtomicLong();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;
  private ByteArrayOutputStream gathered = new ByteArrayOutputStream();

  private LineAccessLog(PrintStream target, Clock clock) {
    this.target = target;
    this.clock = clock;
    this.thread =
        Thread.ofPlatform()
            .name("access-log")
            .daemon()
            .unstarted(Loop.kept("access-log", this::writeUntilClosed));
  }

  /** Starts to write to this stream, which it does not close. */
  static LineAccessLog start(PrintStream target, Clock clock, MeterRegistry registry) {
    LineAccessLog log = new LineAccessLog(target, clock);
    Metric.ACCESS_LOG_DROPPED.counted(registry, log.dropped);
    log.thread.start();
    return log;
  }

  @Override
  public void write(Line line) {
    byte[] bytes = json(line).getBytes(StandardCharsets.UTF_8);
    synchronized (lock) {
      if (gathered.size() + bytes.length <= GATHERED_BYTES_MAX) {
        gathered.write(bytes, 0, bytes.length);
        return;
      }
    }
    dropped.incrementAndGet();
  }

  /** Writes what is gathered, and ends. */
  @Override
  public void close() {
    closed.countDown();
    try {
      thread.join(CLOSE_WITHIN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void writeUntilClosed() {
    try {
      boolean last = false;
      while (!last) {
        last = closed.await(WRITE_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        writeGathered();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void writeGathered() {
    ByteArrayOutputStream full;
    synchronized (lock) {
      if (gathered.size() == 0) {
        return;
      }
      full = gathered;
      gathered = new ByteArrayOutputStream(full.size());
    }
    // In one piece, so that no other line lands in the middle of one of these.
    target.write(full.toByteArray(), 0, full.size());
    target.flush();
  }

  private String json(Line line) {
    StringBuilder text = new StringBuilder(TYPICAL_LINE_LENGTH);
    text.append("{\"@timestamp\":\"").append(clock.instant());
    text.append("\",\"message\":\"request\",\"logger_name\":\"dev.workspaceoperator.access\"");
    text.append(",\"level\":\"INFO\"");
    member(text, "method", line.method());
    member(text, "route", line.route());
    text.append(",\"status\":").append(line.status());
    text.append(",\"ms\":").append(Math.round(line.millis() * 1_000) / 1_000.0);
    member(text, "request_id", line.requestId());
    member(text, "source", line.source());
    if (!line.code().isEmpty()) {
      member(text, "code", line.code());
    }
    if (line.trace().isPresent()) {
      member(text, TraceFields.TRACE_ID, line.trace().get().traceId());
      member(text, TraceFields.SPAN_ID, line.trace().get().spanId());
    }
    line.actor().ifPresent(actor -> member(text, "actor", actor));
    line.workspaceId().ifPresent(id -> member(text, "workspace_id", id.toString()));
    return text.append("}\n").toString();
  }

  private static void member(StringBuilder text, String name, String value) {
    text.append(",\"").append(name).append("\":\"");
    JsonStringEncoder.getInstance().quoteAsString(value, text);
    text.append('"');
  }
}
