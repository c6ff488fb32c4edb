package dev.workspaceoperator.controller;

import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.loop.Loop;
import dev.workspaceoperator.metric.Metric;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends Kubernetes events, in the background and at a bounded rate: they inform, so they may not
 * delay a reconciliation, nor burden the API server when thousands of Workspaces change together.
 * Warnings go first. What does not fit is dropped and counted.
 */
final class EventPublisher implements AutoCloseable {
  /** Most warnings that wait. */
  static final int WARNINGS_MAX = 1_000;

  /** Most other events that wait. */
  static final int NOTES_MAX = 200;

  /** Between two events. */
  private static final Duration PACE = Duration.ofMillis(20);

  /** So many events other than warnings are sent at once; then one each {@link #NOTE_PACE}. */
  private static final int NOTES_AT_ONCE = 50;

  private static final Duration NOTE_PACE = Duration.ofMillis(200);

  /** Random characters at the end of an event's name, after a dot. */
  private static final int NAME_SUFFIX_LENGTH = 16;

  private static final String CONTROLLER = "workspace-operator.dev/controller";
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
  private static final Logger log = LoggerFactory.getLogger(EventPublisher.class);

  private final KubernetesClient client;
  private final String instance;
  private final Clock clock;
  private final Counter dropped;
  private final BlockingQueue<Event> warnings = new ArrayBlockingQueue<>(WARNINGS_MAX);
  private final BlockingQueue<Event> notes = new ArrayBlockingQueue<>(NOTES_MAX);
  private final Semaphore arrivals = new Semaphore(0);
  private final Thread sender;
  private final Allowance allowance = new Allowance(NOTES_AT_ONCE, NOTE_PACE);
  private volatile boolean closed;

  /**
   * Starts sending.
   *
   * @param instance the name of this process, as the events name it
   */
  EventPublisher(KubernetesClient client, String instance, Clock clock, MeterRegistry metrics) {
    this.client = client;
    this.instance = KubernetesText.withinBytes(instance, KubernetesText.EVENT_FIELD_BYTES_MAX);
    this.clock = clock;
    this.dropped = Metric.EVENTS_DROPPED.counter(metrics);
    this.sender =
        Thread.ofPlatform()
            .daemon()
            .name("event-publisher")
            .start(Loop.kept("event-publisher", this::run));
  }

  /** Something a person should look at. */
  void warn(Workspace resource, Reason reason, String note) {
    offer(warnings, event(resource, "Warning", reason, note));
  }

  /** Something a person may like to know. */
  void tell(Workspace resource, Reason reason, String note) {
    offer(notes, event(resource, "Normal", reason, note));
  }

  @Override
  public void close() {
    closed = true;
    sender.interrupt();
  }

  private void offer(BlockingQueue<Event> queue, Event event) {
    if (queue.offer(event)) {
      arrivals.release();
    } else {
      dropped.increment();
    }
  }

  private void run() {
    while (!closed) {
      try {
        send(next());
        Thread.sleep(PACE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** Waits for what is to be sent next. */
  private Event next() throws InterruptedException {
    while (true) {
      Event warning = warnings.poll();
      if (warning != null) {
        return warning;
      }
      if (notes.isEmpty()) {
        arrivals.acquire();
        arrivals.drainPermits();
      } else if (allowance.isLeft(System.nanoTime())) {
        allowance.use();
        return notes.take();
      } else {
        // A warning that comes meanwhile goes first.
        boolean _ = arrivals.tryAcquire(NOTE_PACE.toMillis(), TimeUnit.MILLISECONDS);
      }
    }
  }

  private void send(Event event) {
    try {
      client.resource(event).create();
    } catch (KubernetesClientException e) {
      dropped.increment();
      log.atWarn()
          .addKeyValue("reason", event.getReason())
          .addKeyValue("code", e.getCode())
          .log("An event could not be sent");
    }
  }

  private Event event(Workspace resource, String type, Reason reason, String note) {
    return new EventBuilder()
        .withNewMetadata()
        .withName(name(resource.getMetadata().getName()))
        .withNamespace(resource.getMetadata().getNamespace())
        .endMetadata()
        .withEventTime(new MicroTime(MICROS.format(clock.instant())))
        .withType(type)
        .withReason(reason.label())
        .withAction("Reconcile")
        .withNote(KubernetesText.withinBytes(note, KubernetesText.EVENT_NOTE_BYTES_MAX))
        .withReportingController(CONTROLLER)
        .withReportingInstance(instance)
        .withNewRegarding()
        .withApiVersion(resource.getApiVersion())
        .withKind(resource.getKind())
        .withNamespace(resource.getMetadata().getNamespace())
        .withName(resource.getMetadata().getName())
        .withUid(resource.getMetadata().getUid())
        .withResourceVersion(resource.getMetadata().getResourceVersion())
        .endRegarding()
        .build();
  }

  /** As Kubernetes' own components name events. */
  private static String name(String resourceName) {
    int prefixMax = KubernetesText.NAME_LENGTH_MAX - 1 - NAME_SUFFIX_LENGTH;
    return KubernetesText.namePrefix(resourceName, prefixMax)
        + "."
        + UUID.randomUUID().toString().replace("-", "").substring(0, NAME_SUFFIX_LENGTH);
  }
}
