package dev.workspaceoperator.notification;

import dev.workspaceoperator.workspace.port.NotificationOutbox.Event;
import dev.workspaceoperator.workspace.port.NotificationOutbox.Lane;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.event.Level;

/** The way of a lane to its receiver, and how it is told how that went. */
interface Route {
  /** Of the receiver in metrics. */
  String label();

  /** Sends an event, once. */
  WebhookClient.Result post(Event event, Instant now);

  /** Whether an answer that took so long is to be waited for beside those that fail. */
  boolean isSlow(Duration took);

  /** An event has arrived. */
  void arrived();

  /** An event has not. */
  void failed(Lane lane, Event event, String why);

  /** How loudly it is told that an event is given up. */
  Level levelOfGivenUp();
}
