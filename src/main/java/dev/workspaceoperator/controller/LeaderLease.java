package dev.workspaceoperator.controller;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.Lock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leader election by a Lease (design.md §9). The lease is judged on this process's monotonic clock
 * too, which goes on while the process is stopped: a leader that was paused past its lease may not
 * write, even before it has heard that it was replaced.
 */
public final class LeaderLease implements WriteGuard, AutoCloseable {
  /** How long a lease lasts without a renewal. */
  public static final Duration LEASE_DURATION = Duration.ofSeconds(9);

  /** How long renewals may fail before the leader gives up. */
  public static final Duration RENEW_DEADLINE = Duration.ofSeconds(6);

  /** How often the lease is renewed, or tried for. */
  public static final Duration RETRY_PERIOD = Duration.ofSeconds(1);

  /** The Lease's name. */
  public static final String NAME = "workspace-operator";

  private static final Logger log = LoggerFactory.getLogger(LeaderLease.class);

  private final KubernetesClient client;
  private final String namespace;
  private final String identity;
  private final ExecutorService executor =
      Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().name("lease-", 0).factory());
  private final LongSupplier nanoClock;
  private volatile long renewedAtNanos;
  private volatile Optional<String> leader = Optional.empty();
  private volatile CompletableFuture<?> election = CompletableFuture.completedFuture(null);

  /**
   * Does not try for the lease yet.
   *
   * @param client its requests must end well before {@link #RENEW_DEADLINE}, retries included
   * @param namespace where the Lease is kept
   * @param identity unique to this process
   */
  public LeaderLease(KubernetesClient client, String namespace, String identity) {
    this(client, namespace, identity, System::nanoTime);
  }

  /**
   * The same with another clock.
   *
   * @param nanoClock as {@link System#nanoTime}
   */
  LeaderLease(KubernetesClient client, String namespace, String identity, LongSupplier nanoClock) {
    this.client = client;
    this.namespace = namespace;
    this.identity = identity;
    this.nanoClock = nanoClock;
    this.renewedAtNanos = nanoClock.getAsLong() - LEASE_DURATION.toNanos();
  }

  /**
   * Tries for the lease until it is won, then renews it.
   *
   * @param won called once, when the lease is won
   * @param lost called once, when it is lost or given back; the process must end
   */
  public void start(Runnable won, Runnable lost) {
    LeaderElectionConfig config =
        new LeaderElectionConfig(
            new TimedLock(),
            LEASE_DURATION,
            RENEW_DEADLINE,
            RETRY_PERIOD,
            new LeaderCallbacks(
                // The callback runs on the thread that renews, so the work goes elsewhere.
                () -> executor.execute(won), lost, this::observed),
            /* releaseOnCancel= */ true,
            NAME);
    election = new LeaderElector(client, config, executor).start();
  }

  /** Whether the Lease was read, and was not this process's: it waits to be the leader. */
  public boolean isAnothers() {
    return leader.filter(holder -> !holder.equals(identity)).isPresent();
  }

  private void observed(String holder) {
    leader = Optional.of(holder);
    log.atInfo().addKeyValue("leader", holder).log("Leader observed");
  }

  @Override
  public boolean mayWrite() {
    return nanoClock.getAsLong() - renewedAtNanos < LEASE_DURATION.toNanos();
  }

  /** Gives the lease back, so that another replica need not wait for its end. */
  @Override
  public void close() {
    election.cancel(true);
    executor.shutdownNow();
  }

  /** Notes when each renewal that succeeded was sent: the lease runs from then at the latest. */
  private final class TimedLock implements Lock {
    private final Lock lease =
        new LeaseLock(
            new ObjectMetaBuilder().withNamespace(namespace).withName(NAME).build(), identity);

    @Override
    public LeaderElectionRecord get(KubernetesClient client) {
      return lease.get(client);
    }

    @Override
    public void create(KubernetesClient client, LeaderElectionRecord next) {
      long sentAtNanos = nanoClock.getAsLong();
      lease.create(client, next);
      renewedAtNanos = sentAtNanos;
    }

    @Override
    public void update(KubernetesClient client, LeaderElectionRecord next) {
      long sentAtNanos = nanoClock.getAsLong();
      lease.update(client, next);
      renewedAtNanos = sentAtNanos;
    }

    @Override
    public String identity() {
      return identity;
    }

    @Override
    public String describe() {
      return lease.describe();
    }
  }
}
