package dev.workspaceoperator.notification;

import dev.workspaceoperator.workspace.DeclaredReceiver;
import dev.workspaceoperator.workspace.port.NotificationOutbox.Event;
import dev.workspaceoperator.workspace.port.NotificationOutbox.Lane;
import dev.workspaceoperator.workspace.port.NotificationOutbox.WorkspaceLane;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** To a receiver that a workspace has named itself. */
final class WorkspaceRoute implements Route {
  /** All of them together in metrics; no receiver of the installation has a name with a slash. */
  static final String LABEL = "workspace/*";

  private static final Duration SLOW = Duration.ofSeconds(2);
  private static final Logger log = LoggerFactory.getLogger(WorkspaceRoute.class);

  private final WorkspaceLane lane;
  private final DeclaredReceiver receiver;
  private final NotificationSettings settings;
  private final WebhookClient client;

  WorkspaceRoute(
      WorkspaceLane lane,
      DeclaredReceiver receiver,
      NotificationSettings settings,
      WebhookClient client) {
    this.lane = lane;
    this.receiver = receiver;
    this.settings = settings;
    this.client = client;
  }

  @Override
  public String label() {
    return LABEL;
  }

  /** What the installation has forbidden since it was spread is tried again: it may be allowed. */
  @Override
  public WebhookClient.Result post(Event event, Instant now) {
    Optional<String> refusal = settings.workspaces().refusal(lane.workspace(), receiver);
    SigningKey key = settings.keys().get(receiver.keyName());
    if (refusal.isPresent() || key == null) {
      return new WebhookClient.Result.Failed(refusal.orElse("its key is gone"), Optional.empty());
    }
    return client.post(
        new Receiver(receiver.name(), URI.create(receiver.url()), key, Set.of()),
        event.id().toString(),
        now,
        CloudEvents.json(event));
  }

  @Override
  public boolean isSlow(Duration took) {
    return took.compareTo(SLOW) > 0;
  }

  @Override
  public void arrived() {}

  @Override
  public void failed(Lane lane, Event event, String why) {
    log.atLevel(lane.failures() == 0 ? Level.INFO : Level.DEBUG)
        .addKeyValue("workspace_id", lane.workspaceId())
        .addKeyValue("receiver", receiver.name())
        .addKeyValue("event", event.id())
        .addKeyValue("cause", why)
        .log("A notification did not arrive at a workspace's receiver; it is tried again");
  }

  @Override
  public Level levelOfGivenUp() {
    return Level.WARN;
  }
}
