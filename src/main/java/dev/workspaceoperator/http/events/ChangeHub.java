package dev.workspaceoperator.http.events;

import dev.workspaceoperator.auth.Authenticator;
import dev.workspaceoperator.http.events.EventMailbox.End;
import dev.workspaceoperator.http.events.EventSubscription.Cause;
import dev.workspaceoperator.http.server.InFlight;
import dev.workspaceoperator.http.view.WorkspaceView;
import dev.workspaceoperator.loop.Loop;
import dev.workspaceoperator.metric.Metric;
import dev.workspaceoperator.share.ShareBounds;
import dev.workspaceoperator.share.Shares;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.port.OverloadedException;
import dev.workspaceoperator.workspace.port.RuntimeSettings;
import dev.workspaceoperator.workspace.port.ShareExceededException;
import dev.workspaceoperator.workspace.port.Snapshot;
import dev.workspaceoperator.workspace.port.WorkspaceChanges;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells open streams of changes (design.md §6, events). Who is told what is decided here; a stream
 * costs its connection and little more, since one thread keeps the time for all of them.
 *
 * <p>A notification only says where to look: what is told is what the store has then. So a lost one
 * costs the time until the next comparison.
 */
public final class ChangeHub implements WorkspaceChanges, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ChangeHub.class);
  private static final Duration TICK = Duration.ofMillis(200);

  /** Streams stay: whoever has all that he may have need not ask again so soon. */
  public static final Duration TRY_AGAIN = Duration.ofSeconds(5);

  private static final Duration END_WITHIN = Duration.ofSeconds(5);

  /** Of all streams, one workspace has at most one part of so many (design.md §12). */
  public static final int WORKSPACE_PARTS = 4;

  private final Authenticator authenticator;
  private final RuntimeSettings settingsOf;
  private final EventFrames frames;
  private final EventSettings settings;
  private final InFlight inFlight = new InFlight();
  private final Shares<UUID> places;
  private final Map<ResourceIdentity, EventTopic> topics = new ConcurrentHashMap<>();
  private final Map<Cause, Counter> ended = new EnumMap<>(Cause.class);
  private final Thread clock;

  /** When something happened that may bear on any credential. */
  private volatile long changedAt = System.nanoTime();

  private ChangeHub(
      Authenticator authenticator,
      RuntimeSettings settingsOf,
      EventFrames frames,
      EventSettings settings,
      MeterRegistry registry) {
    this.authenticator = authenticator;
    this.settingsOf = settingsOf;
    this.frames = frames;
    this.settings = settings;
    this.places =
        new Shares<>(
            "event-streams",
            "event streams",
            ShareBounds.parts(settings.streamsMax(), WORKSPACE_PARTS),
            registry);
    this.clock =
        Thread.ofVirtual().name("event-clock").unstarted(Loop.kept("event-clock", this::keepTime));
    Metric.EVENT_STREAMS.gauge(registry, inFlight::underWay);
    for (Cause cause : Cause.values()) {
      ended.put(
          cause,
          Metric.EVENT_STREAMS_ENDED.counter(registry, cause.name().toLowerCase(Locale.ROOT)));
    }
  }

  /** Starts to keep the time. */
  public static ChangeHub start(
      Authenticator authenticator,
      RuntimeSettings settingsOf,
      PlanDefaults defaults,
      EventSettings settings,
      MeterRegistry registry) {
    EventFrames frames = new EventFrames(new WorkspaceView(defaults));
    ChangeHub hub = new ChangeHub(authenticator, settingsOf, frames, settings, registry);
    hub.clock.start();
    return hub;
  }

  /**
   * A stream that begins with a snapshot and tells what comes after it. The caller closes it.
   *
   * @param reading makes the snapshot, once there is a place: whoever is refused costs no reading
   * @param credential judged again from time to time, for the stream ends with it
   * @throws ShareExceededException if the workspace has as many as it may have
   * @throws OverloadedException if there are too many streams, or the server stops
   */
  public EventSubscription follow(
      UUID workspaceId,
      Supplier<Snapshot> reading,
      StreamInterest interest,
      Authenticator.Attempt credential) {
    if (inFlight.isDraining()) {
      throw new OverloadedException("the server stops");
    }
    Shares.Place place = places.take(workspaceId, TRY_AGAIN);
    try {
      return follow(reading.get(), interest, credential, place);
    } catch (RuntimeException e) {
      place.close();
      throw e;
    }
  }

  private EventSubscription follow(
      Snapshot snapshot,
      StreamInterest interest,
      Authenticator.Attempt credential,
      Shares.Place place) {
    EventSubscription stream =
        new EventSubscription(
            snapshot,
            frames,
            interest,
            () -> authenticator.authenticate(credential),
            settings.heartbeat(),
            ended -> leave(ended, place));
    inFlight.enter();
    topics.compute(
        stream.identity(),
        (_, present) -> {
          EventTopic topic =
              present == null
                  ? new EventTopic(snapshot.workspace().id(), settingsOf, frames)
                  : present;
          topic.join(stream);
          return topic;
        });
    if (inFlight.isDraining()) {
      stream.mailbox().end(End.SHUTDOWN);
    }
    return stream;
  }

  @Override
  public void changed(ResourceIdentity identity, long revision) {
    EventTopic topic = topics.get(identity);
    if (topic != null) {
      topic.changed(revision);
    }
  }

  @Override
  public void freed() {
    changedAt = System.nanoTime();
  }

  @Override
  public void platformChanged() {
    topics.values().forEach(EventTopic::look);
  }

  @Override
  public void resync() {
    changedAt = System.nanoTime();
    platformChanged();
  }

  /** Ends every stream and takes no more; returns when they have ended, or do not. */
  public void endStreams() {
    inFlight.startDraining();
    topics.values().forEach(topic -> topic.end(End.SHUTDOWN));
    if (!inFlight.drain(END_WITHIN)) {
      log.atWarn().addKeyValue("streams", inFlight.underWay()).log("Streams are cut off");
    }
  }

  /** Keeps the time no longer. */
  @Override
  public void close() {
    clock.interrupt();
  }

  private void leave(EventSubscription stream, Shares.Place place) {
    place.close();
    topics.computeIfPresent(stream.identity(), (_, topic) -> topic.leave(stream) ? null : topic);
    inFlight.leave();
    Objects.requireNonNull(ended.get(stream.cause())).increment();
  }

  private void keepTime() {
    Every usage = new Every(EventSubscription.USAGE_EVERY);
    Every comparison = new Every(settings.comparison());
    Every check = new Every(settings.credentialCheck());
    while (!Thread.currentThread().isInterrupted()) {
      try {
        Thread.sleep(TICK);
        long now = System.nanoTime();
        if (check.isDue(now)) {
          changedAt = now;
        }
        if (comparison.isDue(now)) {
          platformChanged();
        }
        if (usage.isDue(now)) {
          topics.values().forEach(EventTopic::lookAtUsage);
        }
        topics.values().forEach(topic -> topic.tick(now, changedAt));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (RuntimeException e) {
        // Whatever it was, the next tick must still come: nobody else keeps the time.
        log.error("Open streams could not be looked after", e);
      }
    }
  }

  /** Something that is done again and again. */
  private static final class Every {
    private final long nanos;
    private long next;

    Every(Duration every) {
      this.nanos = every.toNanos();
      this.next = System.nanoTime() + nanos;
    }

    boolean isDue(long now) {
      boolean due = now - next >= 0;
      if (due) {
        next = now + nanos;
      }
      return due;
    }
  }
}
