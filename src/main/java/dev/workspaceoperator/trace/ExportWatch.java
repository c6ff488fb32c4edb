package dev.workspaceoperator.trace;

import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands before the queue of spans and after it: lets in as many as it holds, and counts what was
 * not let in or did not arrive. The library would drop both without a count that can be read.
 */
final class ExportWatch {
  private static final Logger log = LoggerFactory.getLogger(ExportWatch.class);
  private static final String QUEUE_FULL = "more spans end than the collector takes";

  private final AtomicInteger pending = new AtomicInteger();
  private final AtomicLong lost;
  private final AtomicLong told = new AtomicLong();
  private final AtomicReference<String> cause = new AtomicReference<>("");

  /**
   * Counts here.
   *
   * @param lost how many spans were lost
   */
  ExportWatch(AtomicLong lost) {
    this.lost = lost;
  }

  /** What spans go to, in front of this one, which holds so many. */
  SpanProcessor before(SpanProcessor queue, int queueMax) {
    return new Door(queue, queueMax);
  }

  /** What spans are exported by, and their number then known. */
  SpanExporter after(SpanExporter exporter) {
    return new Counted(exporter);
  }

  /** Says in the log how many were lost since the last time, if any were. */
  void tell() {
    long now = lost.get();
    long more = now - told.getAndSet(now);
    if (more > 0) {
      log.atWarn()
          .addKeyValue("spans", more)
          .addKeyValue("cause", cause.get())
          .log("Spans of traces were lost; nothing else is");
    }
  }

  /** What has not been exported by now never will be. */
  void close() {
    lose(pending.getAndSet(0), "the process ends");
    tell();
  }

  private void lose(int spans, String why) {
    if (spans > 0) {
      lost.addAndGet(spans);
      cause.set(why);
    }
  }

  private void exported(int spans, CompletableResultCode result) {
    pending.addAndGet(-spans);
    if (!result.isSuccess()) {
      lose(spans, why(result.getFailureThrowable()));
    }
  }

  /** The library's own exception says nothing; what it comes from does, if anything went wrong. */
  private static String why(@Nullable Throwable failure) {
    return failure == null || failure.getCause() == null
        ? "the collector refuses them"
        : failure.getCause().toString();
  }

  /** In front of the queue. */
  private final class Door implements SpanProcessor {
    private final SpanProcessor queue;
    private final int queueMax;

    private Door(SpanProcessor queue, int queueMax) {
      this.queue = queue;
      this.queueMax = queueMax;
    }

    @Override
    public void onStart(Context parent, ReadWriteSpan span) {
      queue.onStart(parent, span);
    }

    @Override
    public boolean isStartRequired() {
      return queue.isStartRequired();
    }

    @Override
    public void onEnd(ReadableSpan span) {
      if (!span.getSpanContext().isSampled()) {
        return;
      }
      if (pending.incrementAndGet() > queueMax) {
        pending.decrementAndGet();
        lose(1, QUEUE_FULL);
        return;
      }
      queue.onEnd(span);
    }

    @Override
    public boolean isEndRequired() {
      return true;
    }

    @Override
    public CompletableResultCode shutdown() {
      return queue.shutdown();
    }

    @Override
    public CompletableResultCode forceFlush() {
      return queue.forceFlush();
    }
  }

  /** After the queue. */
  private final class Counted implements SpanExporter {
    private final SpanExporter exporter;

    private Counted(SpanExporter exporter) {
      this.exporter = exporter;
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
      int count = spans.size();
      CompletableResultCode result = exporter.export(spans);
      return result.whenComplete(() -> exported(count, result));
    }

    @Override
    public CompletableResultCode flush() {
      return exporter.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
      return exporter.shutdown();
    }
  }
}
