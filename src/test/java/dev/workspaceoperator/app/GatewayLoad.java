package dev.workspaceoperator.app;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;

/** Clients that ask a gateway again and again, each as soon as it is answered, until it ends. */
final class GatewayLoad {
  private static final Duration SOON = Duration.ofSeconds(60);

  private final GatewaySite site;
  private final String body;
  private final Map<Integer, LongAdder> answers = new ConcurrentHashMap<>();
  private final List<CompletableFuture<Void>> clients = new ArrayList<>();

  /** The pool that all share has no more threads than there are cores. */
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private volatile boolean stopped;

  private GatewayLoad(GatewaySite site, String body) {
    this.site = site;
    this.body = body;
  }

  static GatewayLoad start(GatewaySite site, int clients, String body) {
    GatewayLoad load = new GatewayLoad(site, body);
    for (int client = 0; client < clients; client++) {
      load.clients.add(CompletableFuture.runAsync(load::ask, load.threads));
    }
    return load;
  }

  private void ask() {
    try {
      while (!stopped) {
        int status = site.ask(body).statusCode();
        answers.computeIfAbsent(status, _ -> new LongAdder()).increment();
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Until so many more have had this status. */
  void awaitMore(long count, int status) {
    long goal = count(status) + count;
    await().atMost(SOON).until(() -> count(status) >= goal || hasFailed());
  }

  private boolean hasFailed() {
    return clients.stream().anyMatch(CompletableFuture::isCompletedExceptionally);
  }

  /** Returns once the last client has had its answer. */
  void stop() {
    stopped = true;
    clients.forEach(CompletableFuture::join);
    threads.close();
  }

  long count(int status) {
    LongAdder counted = answers.get(status);
    return counted == null ? 0 : counted.sum();
  }

  /** How often each status was answered. */
  Map<Integer, Long> counts() {
    Map<Integer, Long> all = new TreeMap<>();
    answers.forEach((status, count) -> all.put(status, count.sum()));
    return all;
  }
}
