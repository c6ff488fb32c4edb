package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.app.ApiServer.Declared;
import dev.workspaceoperator.app.DyingReceiver.Got;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.loop.Pause;
import dev.workspaceoperator.workspace.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Notifications while those who send them and those who take them die at random: each arrives at
 * least once, in order for each workspace, none is lost. Senders are processes of the role {@code
 * api} and die by SIGKILL; {@code -Dnotification.kills=12 -Dnotification.events=10000} is the full
 * size.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class NotificationKillsIT {
  private static final int EVENTS = Integer.getInteger("notification.events", 600);
  private static final int KILLS = Integer.getInteger("notification.kills", 2);
  private static final int WORKSPACES = 20;
  private static final long SEED = Long.getLong("seed", 20_261_201);
  private static final Duration WITHIN = Duration.ofMinutes(3);
  private static final Duration STARTED_WITHIN = Duration.ofSeconds(60);

  @RegisterExtension final RoleProcesses processes = RoleProcesses.ofEachTest();

  @TempDir private Path directory;

  private final Random random = new Random(SEED);

  @Test
  void eachArrivesInOrderWhoeverDies() throws Exception {
    String url = SharedDatabase.create();
    try (ApiServer _ = ApiServer.on(url)) {
      // It makes the schema.
    }
    try (ApiServer hands = ApiServer.withoutServing(url);
        DyingReceiver receiver = new DyingReceiver(SEED)) {
      List<UUID> ids =
          Stream.generate(() -> hands.workspace(Plan.SCALE))
              .limit(WORKSPACES)
              .map(Declared::id)
              .toList();
      String file = "--notifications-file=" + notifications(receiver.port());
      AtomicInteger told = new AtomicInteger();
      AtomicInteger deaths = new AtomicInteger();
      for (int kill = 0; kill <= KILLS; kill++) {
        int before = receiver.got().size();
        happen(hands, ids, told, EVENTS * (kill + 1) / (KILLS + 1));
        RoleProcess sender = processes.api(url, file).process();
        await().atMost(STARTED_WITHIN).until(sender::isReady);
        if (kill == KILLS) {
          break;
        }
        int enough = before + 1 + random.nextInt(Math.max(1, EVENTS / (2 * (KILLS + 1))));
        dieUntil(receiver, () -> receiver.got().size() >= enough, deaths);
        sender.kill();
        // What it had taken is another's a minute later: it need not be waited for.
        putForward(hands, (kill + 1) * 61);
      }
      dieUntil(
          receiver,
          () ->
              hands.count("SELECT count(*) FROM notification_delivery") == 0
                  && hands.count("SELECT count(*) FROM notification WHERE NOT spread") == 0,
          deaths);
      System.out.printf(
          "%d notifications, %d requests, the sender killed %d times, the receiver %d times (seed %d)%n",
          told.get(), receiver.got().size(), KILLS, deaths.get(), SEED);

      assertThat(told).hasValueGreaterThanOrEqualTo(EVENTS);
      Map<String, List<Integer>> bySource =
          receiver.got().stream()
              .collect(
                  Collectors.groupingBy(
                      Got::source, Collectors.mapping(Got::number, Collectors.toList())));
      assertThat(bySource).hasSize(WORKSPACES);
      bySource.forEach((source, numbers) -> {
        assertThat(numbers).as(source).isSorted();
        assertThat(numbers.stream().distinct()).as(source).hasSize(told.get() / WORKSPACES);
      });
    }
  }

  /** Events are numbered for each workspace from 1 on, until there are so many of all of them. */
  private static void happen(ApiServer hands, List<UUID> ids, AtomicInteger told, int until) {
    int more = (until - told.get() + ids.size() - 1) / ids.size();
    int from = told.get() / ids.size();
    for (UUID id : ids) {
      hands.execute(
          ("INSERT INTO notification (workspace_id, type, \"time\", data)"
                  + " SELECT '%s', 'kill-switch.activated', operator_clock(), json_build_object('n', n)"
                  + " FROM generate_series(%d, %d) AS n ORDER BY n")
              .formatted(id, from + 1, from + more));
    }
    told.addAndGet(more * ids.size());
  }

  private static void putForward(ApiServer hands, int seconds) {
    hands.execute(
        ("CREATE OR REPLACE FUNCTION operator_clock() RETURNS timestamptz LANGUAGE sql VOLATILE"
                + " PARALLEL SAFE RETURN clock_timestamp() + interval '%d seconds'")
            .formatted(seconds));
  }

  private interface Question {
    boolean isSo() throws Exception;
  }

  /** It is there for a moment, then for a moment it is not. */
  private void dieUntil(DyingReceiver receiver, Question over, AtomicInteger deaths)
      throws Exception {
    long end = System.nanoTime() + WITHIN.toNanos();
    while (!over.isSo()) {
      assertThat(System.nanoTime()).as("it takes too long").isLessThan(end);
      moment(2_000);
      receiver.die();
      deaths.incrementAndGet();
      moment(300);
      receiver.comeBack();
    }
  }

  private void moment(int millisMax) {
    boolean _ = Pause.of(Duration.ofMillis(random.nextInt(millisMax)));
  }

  private Path notifications(int port) throws IOException {
    Path key = Files.writeString(directory.resolve("key"), "a key that nobody can guess at all");
    return Files.writeString(
        directory.resolve("notifications.yaml"),
        """
        receivers: [{name: ops, url: 'http://127.0.0.1:%d/hook', keyFile: '%s'}]
        allowedNetworks: [127.0.0.0/8]
        """
            .formatted(port, key));
  }
}
