package dev.workspaceoperator.store;

import static dev.workspaceoperator.store.Manifests.budget;
import static dev.workspaceoperator.store.Manifests.fresh;
import static dev.workspaceoperator.store.Manifests.key;
import static dev.workspaceoperator.store.Manifests.named;
import static dev.workspaceoperator.store.Manifests.next;
import static dev.workspaceoperator.store.Manifests.withKeys;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.port.WorkspaceChanges;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ChangeFeedStoreIT {
  private static StoreFixture db;

  @BeforeAll
  static void open() throws InterruptedException {
    db = StoreFixture.open();
  }

  @AfterAll
  static void close() {
    db.close();
  }

  private final List<String> heard = new CopyOnWriteArrayList<>();
  private ChangeFeed feed;

  @BeforeEach
  void listen() throws InterruptedException {
    feed = ChangeFeed.start(db.settings, new Recorder(heard), Clock.systemUTC());
    assertThat(feed.awaitUp(Duration.ofSeconds(10))).isTrue();
    assertThat(feed.isUp()).isTrue();
    assertThat(heard).as("what was committed before was not heard").containsExactly("resync");
    heard.clear();
  }

  @AfterEach
  void stopListening() {
    feed.close();
  }

  @Test
  void tellsIdentityAndRevisionOfEachCommittedChange() {
    Manifest manifest = named(Manifests.CLUSTER, "a \"quoted\" namespace", "heard");
    for (int revision = 1; revision <= 2; revision++) {
      db.accept(next(manifest, budget(Integer.toString(revision))));

      String told = "changed " + manifest.identity() + " " + revision;
      await().atMost(Duration.ofMillis(250)).until(() -> heard.contains(told));
    }
    assertThat(heard).hasSize(2);
  }

  @Test
  void tellsOfManyCommitsAtOnceOnlyTheNewestOfEachWorkspace() {
    Database database = db.database;
    ResourceIdentity one = fresh().identity();
    ResourceIdentity other = fresh().identity();
    database.transactAndTell((_, notifications) -> {
      notifications.changed(one, 4);
      notifications.changed(other, 1);
      notifications.changed(one, 5);
      notifications.freed();
      return true;
    });

    await().until(() -> heard.contains("freed"));
    assertThat(heard)
        .containsExactlyInAnyOrder("changed " + one + " 5", "changed " + other + " 1", "freed");
  }

  @Test
  void tellsWhichKeysWereRevokedAsLongAsThatFitsIntoANotification() {
    List<ApiKeyDigest> keys =
        IntStream.range(0, 101).mapToObj(i -> new ApiKeyDigest("%064x".formatted(i))).toList();
    db.database.transactAndTell((_, notifications) -> {
      keys.stream().limit(100).forEach(notifications::revoked);
      return true;
    });

    await().until(() -> !heard.isEmpty());
    assertThat(heard).containsExactly("revoked " + keys.subList(0, 100));
    db.database.transactAndTell((_, notifications) -> {
      keys.forEach(notifications::revoked);
      return true;
    });
    await().until(() -> heard.contains("freed"));
    assertThat(heard).hasSize(2);
  }

  @Test
  void tellsWhatIsLeftBeforeItIsClosed() {
    ResourceIdentity last = fresh().identity();
    try (Database database = Database.open(db.settings)) {
      database.transactAndTell((_, notifications) -> {
        notifications.changed(last, 7);
        return true;
      });
    }

    await().until(() -> heard.contains("changed " + last + " 7"));
  }

  @Test
  void tellsLaterWhatCouldNotBeToldAtOnce() throws SQLException {
    db.execute("ALTER FUNCTION pg_notify(text, text) RENAME TO pg_notify_gone");
    ResourceIdentity late = fresh().identity();
    try {
      db.database.transactAndTell((_, notifications) -> {
        notifications.changed(late, 3);
        return true;
      });
      await().during(Duration.ofMillis(300)).until(heard::isEmpty);
    } finally {
      db.execute("ALTER FUNCTION pg_notify_gone(text, text) RENAME TO pg_notify");
    }

    await().until(() -> heard.contains("changed " + late + " 3"));
  }

  @Test
  void tellsNothingOfAChangeThatWasRolledBackOrOfOneThatChangedNothing() {
    Manifest manifest = fresh();
    db.accept(manifest);
    db.accept(Manifests.withGeneration(manifest, 5));
    db.store.sync(db.fence, next(manifest, budget("1")), State.PRESENT, 99);
    db.store.sync(db.fence, Manifests.withSlug(fresh(), manifest.slug()), State.PRESENT, 0);
    Manifest last = fresh();
    db.accept(last);

    await().until(() -> heard.contains("changed " + last.identity() + " 1"));
    assertThat(heard)
        .containsExactly(
            "changed " + manifest.identity() + " 1", "changed " + last.identity() + " 1");
  }

  @Test
  void tellsThatAKeyOrASlugWasFreed() {
    Manifest manifest = withKeys(fresh(), key("ci", "feed-freed", Scope.RUNS_WRITE));
    db.accept(manifest);
    db.accept(withKeys(manifest));
    await().until(() -> heard.contains("freed"));
    heard.clear();

    db.archive(manifest);

    await()
        .untilAsserted(() ->
            assertThat(heard)
                .containsExactlyInAnyOrder("changed " + manifest.identity() + " 3", "freed"));
  }

  @Test
  void asksToLookAtEverythingAfterItsConnectionWasLost() throws SQLException {
    db.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = " + listeningBackend());

    await().untilAsserted(() -> assertThat(heard).containsExactly("resync"));
    assertThat(feed.isUp()).isTrue();
    Manifest manifest = fresh();
    db.accept(manifest);
    await().until(() -> heard.contains("changed " + manifest.identity() + " 1"));
  }

  @Test
  void noticesWithinTenSecondsThatTheOtherEndIsSilent()
      throws SQLException, IOException, InterruptedException {
    String backend = listeningBackend();
    signal("-STOP", backend);
    try {
      await().atMost(Duration.ofSeconds(10)).until(() -> heard.contains("resync"));
    } finally {
      signal("-CONT", backend);
    }
  }

  @Test
  void goesOnWhenItsListenerFails() {
    try (ChangeFeed failing =
        ChangeFeed.start(db.settings, new Failing(heard), Clock.systemUTC())) {
      await().until(failing::isUp);
      db.accept(fresh());
      Manifest last = fresh();
      db.accept(last);

      await().until(() -> heard.contains("failed at " + last.identity()));
    }
  }

  /** Its state after an Error is unknown: it listens anew, and everything is looked at. */
  @Test
  void beginsAnewWhenItsListenerFailsByAnError() throws InterruptedException {
    List<String> told = new CopyOnWriteArrayList<>();
    WorkspaceChanges failing =
        new WorkspaceChanges() {
          @Override
          public void changed(ResourceIdentity identity, long revision) {
            told.add("changed");
            throw new NoClassDefFoundError("on purpose");
          }

          @Override
          public void freed() {}

          @Override
          public void resync() {
            told.add("resync");
          }
        };
    try (ChangeFeed broken = ChangeFeed.start(db.settings, failing, Clock.systemUTC())) {
      assertThat(broken.awaitUp(Duration.ofSeconds(10))).isTrue();
      for (int i = 0; i < 2; i++) {
        int before = told.size();
        db.accept(fresh());
        await().until(() -> told.size() >= before + 2);
      }
      assertThat(told).containsExactly("resync", "changed", "resync", "changed", "resync");
      await().until(broken::isUp);
    }
  }

  private static String listeningBackend() throws SQLException {
    return db.query(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                + " AND (query LIKE 'LISTEN%' OR query = 'SELECT 1') AND pid <> pg_backend_pid()"
                + " ORDER BY query_start DESC LIMIT 1")
        .getFirst();
  }

  private static void signal(String signal, String pid) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder("kill", signal, pid).start().waitFor()).isZero();
  }

  private record Recorder(List<String> heard) implements WorkspaceChanges {
    @Override
    public void changed(ResourceIdentity identity, long revision) {
      heard.add("changed " + identity + " " + revision);
    }

    @Override
    public void freed() {
      heard.add("freed");
    }

    @Override
    public void revoked(Set<ApiKeyDigest> keys) {
      heard.add(
          "revoked " + keys.stream().sorted(Comparator.comparing(ApiKeyDigest::hex)).toList());
    }

    @Override
    public void resync() {
      heard.add("resync");
    }
  }

  private record Failing(List<String> heard) implements WorkspaceChanges {
    @Override
    public void changed(ResourceIdentity identity, long revision) {
      heard.add("failed at " + identity);
      throw new IllegalStateException("on purpose");
    }

    @Override
    public void freed() {}

    @Override
    public void resync() {}
  }
}
