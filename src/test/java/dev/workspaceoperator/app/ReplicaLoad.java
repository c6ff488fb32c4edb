package dev.workspaceoperator.app;

import static dev.workspaceoperator.app.ApiCaller.KILL_SWITCH;
import static dev.workspaceoperator.app.ApiCaller.WORKSPACE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.app.ApiCaller.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.function.Predicate;

/**
 * Clients that change workspaces through one replica without a pause. Each request changes
 * something, so that each acknowledged one must be found in the audit log.
 */
final class ReplicaLoad implements AutoCloseable {
  private static final Duration BOUND = Duration.ofSeconds(60);

  /** No two clients ever set the same budget. */
  private static final AtomicInteger MICROS = new AtomicInteger();

  private final ApiReplica replica;
  private final Map<Target, Queue<String>> acknowledged = new ConcurrentHashMap<>();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final AtomicInteger answered = new AtomicInteger();
  private final List<Thread> clients = new ArrayList<>();
  private final CountDownLatch stopped = new CountDownLatch(1);

  /** A workspace that is changed. */
  record Target(String key, int number) {}

  private ReplicaLoad(ApiReplica replica) {
    this.replica = replica;
  }

  /**
   * Starts them: for each workspace one that sets its budget, and one that throws its kill switch
   * where nobody else does.
   */
  static ReplicaLoad start(
      ApiReplica replica, List<Target> targets, Predicate<Target> throwsKillSwitch) {
    ReplicaLoad load = new ReplicaLoad(replica);
    for (Target target : targets) {
      load.client(target, "PATCH", WORKSPACE, _ -> budget());
      if (throwsKillSwitch.test(target)) {
        load.client(target, "POST", KILL_SWITCH, n -> "{\"active\":%b}".formatted(n % 2 == 0));
      }
    }
    return load;
  }

  /** Runs something on a thread of its own. */
  static <T> CompletableFuture<T> inBackground(Callable<T> call) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            result.complete(call.call());
          } catch (Exception e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  /** Waits for so many more answers. */
  void awaitMore(int answers) {
    int before = answered.get();
    await().atMost(BOUND).until(() -> answered.get() >= before + answers);
  }

  /** Waits until every client has lost its replica. */
  void awaitEnd() throws InterruptedException {
    for (Thread client : clients) {
      assertThat(client.join(BOUND)).isTrue();
    }
  }

  /** No more requests; those that are under way end. */
  void stop() throws InterruptedException {
    stopped.countDown();
    awaitEnd();
  }

  /** The request ids of the changes that were acknowledged. */
  List<String> acknowledged(Target target) {
    return List.copyOf(acknowledged.getOrDefault(target, new ConcurrentLinkedQueue<>()));
  }

  /** Every answer but 200, and every request without an answer. */
  List<String> failures() {
    return List.copyOf(failures);
  }

  @Override
  public void close() {
    stopped.countDown();
  }

  private static String budget() {
    return "{\"daily_budget_usd\":0.%06d}".formatted(MICROS.incrementAndGet());
  }

  private void client(Target target, String method, String path, IntFunction<String> body) {
    clients.add(
        Thread.ofVirtual()
            .start(() -> {
              int number = 0;
              while (!isStopped() && send(target, method, path, body.apply(number))) {
                number++;
              }
            }));
  }

  /** Whether to go on. */
  private boolean send(Target target, String method, String path, String body) {
    try {
      Reply reply = replica.call(target.key(), method, path, body);
      if (reply.status() == 200) {
        acknowledged
            .computeIfAbsent(target, _ -> new ConcurrentLinkedQueue<>())
            .add(reply.requestId());
      } else {
        failures.add("%s %s: %d %s".formatted(method, path, reply.status(), reply.code()));
      }
      answered.incrementAndGet();
      return true;
    } catch (IOException e) {
      failures.add("%s %s: %s".formatted(method, path, e));
      return false;
    }
  }

  private boolean isStopped() {
    try {
      return stopped.await(0, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }
}
