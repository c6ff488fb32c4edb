package dev.workspaceoperator.sql;

import dev.workspaceoperator.loop.Loop;
import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.ResourceIdentity;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells every {@code ChangeFeed} what was committed, right after the commit. Not within the
 * transaction: PostgreSQL holds one lock of the whole server from NOTIFY to the end of the flush,
 * so transactions that notify commit one after the other. What is committed while an announcement
 * is under way goes out together with the next one, of each workspace the newest revision only.
 *
 * <p>A process that dies in between announces nothing; the comparison of revisions finds that
 * change (design.md §8).
 */
public final class Announcer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Announcer.class);
  private static final Sql CHANGES = Sql.load("announce/changes");
  private static final Sql FREED = Sql.load("announce/freed");
  private static final Sql PLATFORM = Sql.load("announce/platform");
  private static final Duration RETRY = Duration.ofMillis(500);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

  private final DataSource pool;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private PendingNotifications waiting = new PendingNotifications();
  private boolean closed;
  private final Thread thread;

  /** Announces on one connection of the pool at a time. */
  public Announcer(DataSource pool) {
    this.pool = pool;
    this.thread = Thread.ofVirtual().name("announcer").start(Loop.kept("announcer", this::run));
  }

  /** Announces what was committed: soon, without keeping the caller. */
  public void announce(PendingNotifications committed) {
    if (committed.isEmpty()) {
      return;
    }
    lock.lock();
    try {
      waiting.add(committed);
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Announces what is left, unless that takes too long. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      work.signal();
    } finally {
      lock.unlock();
    }
    try {
      if (!thread.join(CLOSE_WITHIN)) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
  }

  private void run() throws InterruptedException {
    for (PendingNotifications notifications = next();
        !notifications.isEmpty();
        notifications = next()) {
      try {
        send(notifications);
      } catch (SQLException e) {
        log.atWarn().addKeyValue("cause", e.getMessage()).log("Changes are announced later");
        if (!keep(notifications)) {
          return;
        }
      } catch (RuntimeException e) {
        // Not tried again: a comparison of revisions finds it.
        log.atError().setCause(e).log("Changes could not be announced");
      }
    }
  }

  /** Waits for something to announce; empty once there is nothing left and no more comes. */
  private PendingNotifications next() throws InterruptedException {
    lock.lock();
    try {
      while (waiting.isEmpty() && !closed) {
        work.await();
      }
      PendingNotifications notifications = waiting;
      waiting = new PendingNotifications();
      return notifications;
    } finally {
      lock.unlock();
    }
  }

  /** Puts back what could not be announced, and waits a little; false once closed. */
  private boolean keep(PendingNotifications unsent) throws InterruptedException {
    lock.lock();
    try {
      waiting.add(unsent);
      long remainingNanos = RETRY.toNanos();
      while (!closed && remainingNanos > 0) {
        remainingNanos = work.awaitNanos(remainingNanos);
      }
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  /** A transaction that does nothing but notify waits for no flush. */
  private void send(PendingNotifications notifications) throws SQLException {
    try (Connection connection = pool.getConnection()) {
      if (!notifications.changed().isEmpty()) {
        sendChanges(connection, notifications.changed());
      }
      if (notifications.isPlatformChanged()) {
        try (NamedStatement statement = NamedStatement.of(connection, PLATFORM)) {
          statement.run();
        }
      }
      if (notifications.isFreed()) {
        sendFreed(connection, List.of());
      } else if (!notifications.revoked().isEmpty()) {
        sendFreed(connection, notifications.revoked().stream().map(ApiKeyDigest::hex).toList());
      }
    }
  }

  private static void sendFreed(Connection connection, List<String> digests) throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, FREED)) {
      statement.texts("digests", digests).run();
    }
  }

  private static void sendChanges(Connection connection, Map<ResourceIdentity, Long> changed)
      throws SQLException {
    List<String> clusters = new ArrayList<>();
    List<String> namespaces = new ArrayList<>();
    List<String> names = new ArrayList<>();
    List<Long> revisions = new ArrayList<>();
    changed.forEach((identity, revision) -> {
      clusters.add(identity.cluster());
      namespaces.add(identity.namespace());
      names.add(identity.name());
      revisions.add(revision);
    });
    try (NamedStatement statement = NamedStatement.of(connection, CHANGES)) {
      statement
          .texts("clusters", clusters)
          .texts("namespaces", namespaces)
          .texts("resource_names", names)
          .bigints("revisions", revisions)
          .run();
    }
  }
}
