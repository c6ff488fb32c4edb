package dev.workspaceoperator.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.sql.Announcer;
import dev.workspaceoperator.sql.PendingNotifications;
import dev.workspaceoperator.workspace.port.OverrideStore;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** What goes on beside the requests goes on after an Error too. */
class LoopsTest {
  private final AtomicInteger asked = new AtomicInteger();

  @Test
  void announcementsGoOn() {
    DataSource source =
        failingFirst(DataSource.class, () -> new SQLException("only the attempt counts"));
    try (Announcer announcer = new Announcer(source)) {
      announcer.announce(freed());
      await().until(() -> asked.get() == 1);
      announcer.announce(freed());
      await().until(() -> asked.get() >= 2);
    }
  }

  @Test
  void housekeepingGoesOn() {
    OverrideStore overrides =
        failingFirst(
            OverrideStore.class, () -> new IllegalStateException("only the attempt counts"));
    try (Housekeeping _ = Housekeeping.start(overrides, () -> {}, List.of(), List.of())) {
      await().until(() -> asked.get() >= 2);
    }
    assertThat(asked.get()).isGreaterThanOrEqualTo(2);
  }

  /** A database that is being put in the place of another one is not there for a moment. */
  @Test
  void partitionsThatCouldNotBeMadeAreMadeSoon() {
    AtomicInteger tried = new AtomicInteger();
    OverrideStore overrides =
        failingFirst(OverrideStore.class, () -> new IllegalStateException("not what is tried"));
    Runnable keep =
        () -> {
          if (tried.incrementAndGet() <= 2) {
            throw new StoreUnavailableException("the database is away", new SQLException());
          }
        };
    try (Housekeeping housekeeping =
        Housekeeping.start(overrides, () -> {}, List.of(keep), List.of())) {
      await().until(() -> tried.get() == 3);
      housekeeping.resync();
      await().until(() -> tried.get() == 4);
      await()
          .alias("what is done is not due for ten minutes")
          .during(Duration.ofSeconds(5))
          .atMost(Duration.ofSeconds(6))
          .until(() -> tried.get() == 4);
    }
  }

  private static PendingNotifications freed() {
    PendingNotifications notifications = new PendingNotifications();
    notifications.freed();
    return notifications;
  }

  /** Throws an Error at the first call, and then this. */
  private <T> T failingFirst(Class<T> type, Later later) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, _, _) -> {
              if (asked.incrementAndGet() == 1) {
                throw new NoClassDefFoundError("on purpose");
              }
              throw later.failure();
            }));
  }

  private interface Later {
    Exception failure();
  }
}
