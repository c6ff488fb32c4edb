package dev.workspaceoperator.gate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Many callers at once. */
public final class Clients {
  private static final Duration BOUND = Duration.ofMinutes(5);

  private Clients() {}

  /** Runs the work of every client, all from the same moment; the first failure is thrown. */
  public static void together(int clients, Work work)
      throws InterruptedException, ExecutionException, TimeoutException {
    CountDownLatch ready = new CountDownLatch(clients);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        int client = i;
        all.add(
            threads.submit(() -> {
              ready.countDown();
              ready.await();
              work.run(client);
              return null;
            }));
      }
      for (Future<?> one : all) {
        one.get(BOUND.toMillis(), TimeUnit.MILLISECONDS);
      }
    }
  }

  /** What one client does. */
  public interface Work {
    /** Does it. */
    void run(int client) throws Exception;
  }
}
