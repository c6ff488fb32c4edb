package dev.workspaceoperator.notification;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Looks names up. A lookup of the operating system takes a thread, and nothing ends it: so they
 * have a few of their own, each name one at most, and who asks waits for a bounded time.
 */
final class NameLookups implements AutoCloseable {
  private static final Duration IDLE = Duration.ofSeconds(30);
  private static final int WAITING_MAX = 256;

  private final Lookup lookup;
  private final Duration within;
  private final ThreadPoolExecutor threads;
  private final Map<String, CompletableFuture<InetAddress[]>> underWay = new ConcurrentHashMap<>();

  NameLookups(int threads, Duration within) {
    this(threads, within, InetAddress::getAllByName);
  }

  /** One that asks somebody else than the operating system. */
  NameLookups(int threads, Duration within, Lookup lookup) {
    this.lookup = lookup;
    this.within = within;
    this.threads =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE.toMillis(),
            TimeUnit.MILLISECONDS,
            new LinkedBlockingQueue<>(WAITING_MAX),
            Thread.ofPlatform().daemon().name("notification-names-", 0).factory());
    this.threads.allowCoreThreadTimeOut(true);
  }

  /** Says what addresses a name has. */
  @FunctionalInterface
  interface Lookup {
    InetAddress[] addresses(String host) throws UnknownHostException;
  }

  /** The addresses of a name. */
  InetAddress[] addresses(String host) throws UnknownHostException {
    try {
      return begun(host).get(within.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof UnknownHostException unknown
          ? unknown
          : new UnknownHostException("%s: %s".formatted(host, e.getCause()));
    } catch (TimeoutException e) {
      throw new UnknownHostException(
          "%s has no addresses within %d s".formatted(host, within.toSeconds()));
    } catch (RejectedExecutionException e) {
      throw new UnknownHostException(host + " is not looked up: too many names wait for it");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnknownHostException(host + " is not looked up: the sender ends");
    }
  }

  private CompletableFuture<InetAddress[]> begun(String host) {
    CompletableFuture<InetAddress[]> mine = new CompletableFuture<>();
    CompletableFuture<InetAddress[]> earlier = underWay.putIfAbsent(host, mine);
    if (earlier != null) {
      return earlier;
    }
    try {
      threads.execute(() -> {
        try {
          mine.complete(lookup.addresses(host));
        } catch (UnknownHostException | RuntimeException e) {
          mine.completeExceptionally(e);
        } finally {
          underWay.remove(host, mine);
        }
      });
    } catch (RejectedExecutionException e) {
      underWay.remove(host, mine);
      throw e;
    }
    return mine;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
