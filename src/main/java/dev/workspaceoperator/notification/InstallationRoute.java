package dev.workspaceoperator.notification;

import dev.workspaceoperator.workspace.port.NotificationOutbox.Event;
import dev.workspaceoperator.workspace.port.NotificationOutbox.Lane;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * To a receiver of the installation. It has senders of its own, so that it holds up nobody else
 * however it fails; while it does, it has one of them, which finds out when it is back.
 */
final class InstallationRoute implements Route {
  /** Most that send to one receiver at the same time. */
  static final int SENDERS = 4;

  private static final Logger log = LoggerFactory.getLogger(InstallationRoute.class);

  private final Receiver receiver;
  private final WebhookClient client;
  private final AtomicBoolean failing = new AtomicBoolean();
  private final AtomicInteger sending = new AtomicInteger();

  InstallationRoute(Receiver receiver, WebhookClient client) {
    this.receiver = receiver;
    this.client = client;
  }

  /** How many more may send to it now; asked by one thread alone. */
  int free() {
    return Math.max(0, (failing.get() ? 1 : SENDERS) - sending.get());
  }

  /** Somebody begins to send. */
  void begun() {
    sending.incrementAndGet();
  }

  /** Somebody no longer sends. */
  void ended() {
    sending.decrementAndGet();
  }

  @Override
  public String label() {
    return receiver.name();
  }

  @Override
  public WebhookClient.Result post(Event event, Instant now) {
    return client.post(receiver, event.id().toString(), now, CloudEvents.json(event));
  }

  @Override
  public boolean isSlow(Duration took) {
    return false;
  }

  @Override
  public void arrived() {
    if (failing.compareAndSet(true, false)) {
      log.atInfo().addKeyValue("receiver", receiver.name()).log("Notifications arrive again");
    }
  }

  @Override
  public void failed(Lane lane, Event event, String why) {
    boolean first = failing.compareAndSet(false, true);
    log.atLevel(first ? Level.WARN : Level.DEBUG)
        .addKeyValue("receiver", receiver.name())
        .addKeyValue("event", event.id())
        .addKeyValue("cause", why)
        .log("A notification did not arrive; it is tried again for three days");
  }

  @Override
  public Level levelOfGivenUp() {
    return Level.ERROR;
  }
}
