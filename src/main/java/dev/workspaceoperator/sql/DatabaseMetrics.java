package dev.workspaceoperator.sql;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import dev.workspaceoperator.metric.Metric;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** Tells how a pool of connections fares, and how long what is done with it takes. */
final class DatabaseMetrics {
  private final Timer done;
  private final Timer unavailable;
  private final Timer failed;

  /**
   * Watches it.
   *
   * @param name of the pool, as the label has it
   */
  DatabaseMetrics(String name, HikariDataSource pool, MeterRegistry registry) {
    this.done = Metric.STORE_OPERATIONS.timer(registry, name, "done");
    this.unavailable = Metric.STORE_OPERATIONS.timer(registry, name, "unavailable");
    this.failed = Metric.STORE_OPERATIONS.timer(registry, name, "failed");
    Metric.STORE_CONNECTIONS.gauge(
        registry, () -> now(pool, HikariPoolMXBean::getActiveConnections), name, "active");
    Metric.STORE_CONNECTIONS.gauge(
        registry, () -> now(pool, HikariPoolMXBean::getIdleConnections), name, "idle");
    Metric.STORE_CONNECTIONS_MAX.gauge(registry, pool::getMaximumPoolSize, name);
    Metric.STORE_CONNECTIONS_AWAITED.gauge(
        registry, () -> now(pool, HikariPoolMXBean::getThreadsAwaitingConnection), name);
  }

  /** Does it, and tells how long that took. */
  <T> T timed(Supplier<T> work) {
    long startedAtNanos = System.nanoTime();
    Timer ending = failed;
    try {
      T result = work.get();
      ending = done;
      return result;
    } catch (StoreUnavailableException e) {
      ending = unavailable;
      throw e;
    } finally {
      ending.record(System.nanoTime() - startedAtNanos, TimeUnit.NANOSECONDS);
    }
  }

  private static int now(HikariDataSource pool, ToIntFunction<HikariPoolMXBean> figure) {
    @Nullable HikariPoolMXBean bean = pool.getHikariPoolMXBean();
    return bean == null ? 0 : figure.applyAsInt(bean);
  }
}
