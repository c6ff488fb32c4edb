package dev.workspaceoperator.app;

import dev.workspaceoperator.app.option.ListenAddress;
import dev.workspaceoperator.loop.Pause;
import dev.workspaceoperator.metric.Metric;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.DatabaseCheck;
import dev.workspaceoperator.store.Migrations;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.ExitCode;

/**
 * A role that answers whoever asks, at a port, until it is stopped. It is ready while it serves; a
 * lost store is told by its answers and a metric, not by vanishing (design.md §9).
 */
abstract class ServingRole implements AutoCloseable {
  private static final Duration FOR_EVER = Duration.ofDays(3_650);
  private static final Duration DATABASE_RETRY = Duration.ofSeconds(1);
  private static final Logger log = LoggerFactory.getLogger(ServingRole.class);

  private final Parts parts = new Parts();
  private final Metrics metrics;
  private final Duration drainDelay;
  private volatile boolean serving;
  private volatile int port;
  private volatile BooleanSupplier storeAnswers = () -> false;

  /**
   * One that is not started yet.
   *
   * @param metrics closed by the caller
   * @param drainDelay how long it still answers after readiness is off, so that whoever routes has
   *     noticed
   */
  ServingRole(Metrics metrics, Duration drainDelay) {
    this.metrics = metrics;
    this.drainDelay = drainDelay;
  }

  /**
   * Starts it, and returns once it serves.
   *
   * @param management empty where nobody asks for its probes and metrics
   * @throws IllegalStateException if a port is taken
   */
  static <R extends ServingRole> R started(R role, Optional<ListenAddress> management)
      throws InterruptedException {
    ServingRole starting = role;
    starting.tellOfStore();
    try {
      if (management.isPresent()) {
        starting.own(
            ManagementServer.start(management.get(), role::isReady, starting.metrics::write));
      }
      starting.port = role.serve();
      starting.serving = true;
      log.atInfo().addKeyValue("port", starting.port).log("Serving");
      return role;
    } catch (RuntimeException e) {
      role.close();
      throw e;
    }
  }

  /** Waits until the database has the newest schema, and is reached by the way of requests too. */
  static void awaitStore(DatabaseSettings direct, DatabaseSettings requests)
      throws InterruptedException {
    new Migrations(direct).migrate(FOR_EVER, log::info);
    if (!direct.equals(requests)) {
      DatabaseCheck.await(requests, FOR_EVER, log::info);
    }
  }

  /** What is asked of the store at the start: it may have gone meanwhile, and comes back. */
  static <T> T onceTheStoreAnswers(Supplier<T> question) throws InterruptedException {
    while (true) {
      try {
        return question.get();
      } catch (StoreUnavailableException e) {
        log.atWarn().addKeyValue("cause", e.getMessage()).log("Waiting for the database");
        Thread.sleep(DATABASE_RETRY);
      }
    }
  }

  /** From the first moment on: a process that waits for its store is to be seen waiting. */
  private void tellOfStore() {
    // Otherwise another role of this process tells it already.
    if (metrics.registry().find(Metric.STORE_UP.meter()).gauge() == null) {
      Metric.STORE_UP.gauge(metrics.registry(), () -> storeAnswers.getAsBoolean() ? 1 : 0);
    }
  }

  /** Says by what it is known whether the store answers; until then it does not. */
  final void storeAnswers(BooleanSupplier whether) {
    storeAnswers = whether;
  }

  /** Starts what it consists of; gives the port that it answers at. */
  abstract int serve() throws InterruptedException;

  /** Takes charge of a part: last started, first stopped. */
  final <T extends AutoCloseable> T own(T part) {
    return parts.own(part);
  }

  final Parts parts() {
    return parts;
  }

  final Metrics metrics() {
    return metrics;
  }

  /** Whether it wants requests. */
  final boolean isReady() {
    return serving;
  }

  /** The port that it answers at. */
  final int port() {
    return port;
  }

  /** Waits until the process is told to stop, and closes the role then. */
  final int untilStopped() throws InterruptedException {
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("shutdown")
                .unstarted(() -> {
                  log.info("Stopping");
                  close();
                  stopped.countDown();
                  // Else the JVM would report the signal, as if it had failed.
                  ProcessEnd.HALT.end(ExitCode.OK);
                }));
    stopped.await();
    return ExitCode.OK;
  }

  /** Readiness off; then, once whoever routes has noticed, lets what is under way end. */
  @Override
  public final void close() {
    boolean wasServing = serving;
    serving = false;
    if (wasServing) {
      boolean _ = Pause.of(drainDelay);
    }
    parts.close();
  }
}
