package dev.workspaceoperator.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.workspaceoperator.loop.Loop;
import dev.workspaceoperator.sql.ConnectionSource;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.sql.SqlStates;
import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.port.WorkspaceChanges;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears what every process commits, on one connection of its own (LISTEN does not go through a
 * transaction pooler). A dead connection is noticed within 10 s and opened anew. Each time that it
 * begins to hear, also the first, the listener is told to look at everything: what was committed
 * before was not heard.
 */
public final class ChangeFeed implements AutoCloseable {
  static final String CHANGED = "workspace_operator_changed";
  static final String FREED = "workspace_operator_freed";
  static final String PLATFORM = "workspace_operator_platform";

  private static final Logger log = LoggerFactory.getLogger(ChangeFeed.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration KEEPALIVE = Duration.ofSeconds(2);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final ConnectionSource source;
  private final WorkspaceChanges changes;
  private final Clock clock;
  private final Thread thread;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile Optional<Instant> downSince;
  private final CountDownLatch firstUp = new CountDownLatch(1);
  private volatile @Nullable Connection connection;

  /** Once is enough for one time that it is down; only the feed's thread knows. */
  private boolean isDownTold;

  private ChangeFeed(DatabaseSettings settings, WorkspaceChanges changes, Clock clock) {
    this.source = ConnectionSource.forListening(settings, ANSWER_TIMEOUT);
    this.changes = changes;
    this.clock = clock;
    this.downSince = Optional.of(clock.instant());
    this.thread =
        Thread.ofPlatform()
            .name("change-feed")
            .daemon()
            .unstarted(Loop.kept("change-feed", this::listen));
  }

  /**
   * Starts to listen, and returns at once.
   *
   * @param settings of the database, directly and not through a transaction pooler
   * @param changes called from the feed's one thread: it must return soon
   * @param clock for {@link #downSince} only
   */
  public static ChangeFeed start(DatabaseSettings settings, WorkspaceChanges changes, Clock clock) {
    ChangeFeed feed = new ChangeFeed(settings, changes, clock);
    feed.thread.start();
    return feed;
  }

  /** Since when nothing is heard; empty while the feed is up. */
  public Optional<Instant> downSince() {
    return downSince;
  }

  /** Whether changes are heard now. */
  public boolean isUp() {
    return downSince.isEmpty();
  }

  /**
   * Waits until changes are heard for the first time, or this time has passed.
   *
   * @return whether they were heard
   */
  public boolean awaitUp(Duration atMost) throws InterruptedException {
    return firstUp.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void listen() {
    Duration pause = FIRST_PAUSE;
    while (!isClosed()) {
      try (Connection opened = source.getConnection()) {
        connection = opened;
        subscribe(opened);
        if (firstUp.getCount() == 0) {
          log.info("changes are heard again; everything is looked at");
        }
        downSince = Optional.empty();
        pause = FIRST_PAUSE;
        isDownTold = false;
        tell(changes::resync);
        firstUp.countDown();
        deliver(opened.unwrap(PGConnection.class), opened);
      } catch (SQLException | RuntimeException e) {
        if (!isClosed() && !isDownTold) {
          isDownTold = true;
          log.warn("changes are not heard: {}", SqlStates.told(e));
        }
      } finally {
        // Also after an Error, which ends this round of the loop.
        downSince = downSince.or(() -> Optional.of(clock.instant()));
      }
      pause = sleep(pause);
    }
  }

  private static void subscribe(Connection opened) throws SQLException {
    try (Statement statement = opened.createStatement()) {
      statement.execute("LISTEN " + CHANGED);
      statement.execute("LISTEN " + FREED);
      statement.execute("LISTEN " + PLATFORM);
    }
  }

  private void deliver(PGConnection listening, Connection opened) throws SQLException {
    while (!isClosed()) {
      PGNotification[] heard = listening.getNotifications((int) KEEPALIVE.toMillis());
      if (heard == null || heard.length == 0) {
        askForAnAnswer(opened);
      } else {
        for (PGNotification notification : heard) {
          deliver(notification);
        }
      }
    }
  }

  /** Fails within {@link #ANSWER_TIMEOUT} on a connection whose other end is gone. */
  private static void askForAnAnswer(Connection opened) throws SQLException {
    try (Statement statement = opened.createStatement()) {
      statement.execute("SELECT 1");
    }
  }

  private void deliver(PGNotification notification) {
    switch (notification.getName()) {
      case FREED -> {
        Set<ApiKeyDigest> revoked = revoked(notification.getParameter());
        tell(revoked.isEmpty() ? changes::freed : () -> changes.revoked(revoked));
      }
      case PLATFORM -> tell(changes::platformChanged);
      case CHANGED -> {
        try {
          JsonNode change = JSON.readTree(notification.getParameter());
          ResourceIdentity identity =
              new ResourceIdentity(
                  change.path("cluster").asText(),
                  change.path("namespace").asText(),
                  change.path("name").asText());
          tell(() -> changes.changed(identity, change.path("revision").asLong()));
        } catch (JsonProcessingException e) {
          log.warn("a notification is not JSON and is passed over: {}", e.getOriginalMessage());
        }
      }
      default -> log.debug("a notification of another channel: {}", notification.getName());
    }
  }

  /** Empty where it is not told which, as by processes of an earlier version. */
  private static Set<ApiKeyDigest> revoked(String digests) {
    try {
      return digests.isEmpty()
          ? Set.of()
          : Arrays.stream(digests.split(" ", -1))
              .map(ApiKeyDigest::new)
              .collect(Collectors.toUnmodifiableSet());
    } catch (IllegalArgumentException e) {
      log.warn("a notification names no keys that were revoked: {}", e.getMessage());
      return Set.of();
    }
  }

  /** A listener's failure must not end the feed. */
  private static void tell(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      log.error("a change could not be handled", e);
    }
  }

  private boolean isClosed() {
    return closed.getCount() == 0;
  }

  /** Waits, unless closed meanwhile, and returns the next pause. */
  private Duration sleep(Duration pause) {
    try {
      if (closed.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
        return FIRST_PAUSE;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closed.countDown();
    }
    Duration doubled = pause.multipliedBy(2);
    return doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
  }

  @Override
  public void close() {
    closed.countDown();
    Connection open = connection;
    if (open != null) {
      try {
        open.abort(Runnable::run);
      } catch (SQLException e) {
        log.debug("the feed's connection was closed already", e);
      }
    }
    try {
      thread.join(KEEPALIVE.plus(ANSWER_TIMEOUT));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
