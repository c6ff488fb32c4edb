package dev.workspaceoperator.contract;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Server-Sent Events as they come; each is held to {@code openapi.yaml} when it is taken. */
public final class EventStream implements AutoCloseable {
  private final InputStream body;
  private final String path;
  private final OpenApiContract contract;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final CountDownLatch ended = new CountDownLatch(1);

  /**
   * One event.
   *
   * @param id empty if it has none
   * @param name {@code comment} for a comment, whose text is the data
   * @param data its lines, joined
   */
  public record Event(String id, String name, String data) {
    /** Whether it only keeps the connection alive. */
    public boolean isComment() {
      return name.equals("comment");
    }
  }

  EventStream(InputStream body, String path, OpenApiContract contract) {
    this.body = body;
    this.path = path;
    this.contract = contract;
    Thread.ofVirtual().name("event-stream").start(this::read);
  }

  /**
   * The next event that is no comment.
   *
   * @throws AssertionError if none comes in time, or one that the document does not have
   */
  public Event next(Duration bound) throws InterruptedException {
    long end = System.nanoTime() + bound.toNanos();
    while (true) {
      Event event = take(end - System.nanoTime());
      if (!event.isComment()) {
        contract.checkEvent(path, event.name(), event.data());
        return event;
      }
    }
  }

  /** The next event or comment. */
  public Event nextOrComment(Duration bound) throws InterruptedException {
    return take(bound.toNanos());
  }

  private Event take(long nanos) throws InterruptedException {
    @Nullable Event event = events.poll(nanos, TimeUnit.NANOSECONDS);
    if (event == null) {
      throw new AssertionError("no event came in time");
    }
    return event;
  }

  /** Whether the stream ended, from either side, within this time. */
  public boolean endsWithin(Duration bound) throws InterruptedException {
    return ended.await(bound.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Ends the stream from this side. */
  @Override
  public void close() {
    try {
      body.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
      String id = "";
      String name = "message";
      List<String> data = new ArrayList<>();
      for (@Nullable String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.isEmpty()) {
          if (!data.isEmpty()) {
            events.add(new Event(id, name, String.join("\n", data)));
          }
          name = "message";
          data.clear();
        } else if (line.startsWith(":")) {
          events.add(new Event("", "comment", line.substring(1).strip()));
        } else if (line.startsWith("id:")) {
          id = line.substring(3).strip();
        } else if (line.startsWith("event:")) {
          name = line.substring(6).strip();
        } else if (line.startsWith("data:")) {
          data.add(line.substring(5).strip());
        }
      }
    } catch (IOException _) {
      // Closed in the middle, here or there: to a reader of events an end like any other.
    } finally {
      ended.countDown();
    }
  }
}
