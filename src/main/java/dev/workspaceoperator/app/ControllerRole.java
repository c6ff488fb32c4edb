package dev.workspaceoperator.app;

import dev.workspaceoperator.controller.LeaderLease;
import dev.workspaceoperator.controller.StoreHealth;
import dev.workspaceoperator.controller.WorkspaceController;
import dev.workspaceoperator.controller.WriteGuard;
import dev.workspaceoperator.metric.Metric;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.store.ChangeFeed;
import dev.workspaceoperator.store.Migrations;
import dev.workspaceoperator.store.PostgresDeclaredStore;
import dev.workspaceoperator.store.PostgresFigures;
import dev.workspaceoperator.workspace.port.ControllerFence;
import dev.workspaceoperator.workspace.port.DeclaredStore;
import dev.workspaceoperator.workspace.port.DeclaredStore.ClusterAdoption;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The role {@code controller}: migrates the store, waits to be the leader, fences off every earlier
 * controller, and reconciles until it is stopped or another takes over (design.md §9).
 */
public final class ControllerRole implements AutoCloseable {
  /** The process was replaced by another controller. */
  static final int EXIT_REPLACED = 3;

  /** The API server's certificate authority is another one than at the start. */
  static final int EXIT_AUTHORITY_CHANGED = 4;

  /** The process cannot do its work; the log says why. */
  static final int EXIT_FAILED = 1;

  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);
  private static final int REQUEST_RETRIES_MAX = 10;
  private static final Duration LEASE_REQUEST_TIMEOUT = Duration.ofSeconds(3);
  private static final Duration FOR_EVER = Duration.ofDays(3_650);
  private static final Duration LISTENING_WITHIN = Duration.ofSeconds(10);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final String KUBE_SYSTEM = "kube-system";

  /**
   * Each of its statements is about one workspace. With the grace of a socket, and a connection to
   * another server, a manifest is stored within 10 s after a primary has stopped.
   */
  private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(4);

  /** Before a statement runs into its own. */
  private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(3);

  private static final Logger log = LoggerFactory.getLogger(ControllerRole.class);

  private final ControllerSettings settings;
  private final ProcessEnd processEnd;
  private final Clock clock = Clock.systemUTC();
  private final Metrics metrics = new Metrics();
  private final StoreHealth storeHealth = new StoreHealth();
  private final Parts parts = new Parts();
  private volatile Optional<LeaderLease> lease = Optional.empty();
  private volatile boolean migrated;

  /** Whether its leader hears changes; who does not lead does not listen. */
  private volatile BooleanSupplier hears = () -> true;

  private volatile boolean leading;
  private volatile boolean closing;

  private ControllerRole(ControllerSettings settings, ProcessEnd processEnd) {
    this.settings = settings;
    this.processEnd = processEnd;
  }

  /**
   * Starts it, and returns once it reconciles or, with leader election, waits to be the leader.
   *
   * @param processEnd called when this process must not go on
   * @throws IllegalStateException if the management port is taken
   */
  static ControllerRole start(ControllerSettings settings, ProcessEnd processEnd)
      throws InterruptedException {
    ControllerRole role = new ControllerRole(settings, processEnd);
    try {
      role.start();
      return role;
    } catch (RuntimeException e) {
      role.close();
      throw e;
    }
  }

  /**
   * Whether it does its part: it reconciles, having listed what there is, or another process does
   * and it waits to take over.
   */
  boolean isReady() {
    return !closing && (leading || lease.filter(LeaderLease::isAnothers).isPresent());
  }

  /** The figures of this process. */
  Metrics metrics() {
    return metrics;
  }

  /** Stops taking work, lets what is under way end, and gives the lease back. */
  @Override
  public void close() {
    closing = true;
    parts.close();
  }

  private void start() throws InterruptedException {
    parts.own(settings.traces().watched(metrics.registry()));
    settings
        .kubernetes()
        .authorityFile()
        .ifPresent(file -> parts.own(AuthorityWatch.start(file, this::authorityChanged)));
    CompletableFuture<KubernetesClient> connecting = CompletableFuture.supplyAsync(this::connect);
    parts.own(() -> {
      var _ = connecting.thenAccept(KubernetesClient::close);
    });
    parts.own(ManagementServer.start(settings.management(), this::isReady, metrics::write));
    Metric.STORE_UP.gauge(metrics.registry(), () -> storeUp() ? 1 : 0);
    Metric.LEADER_UP.gauge(metrics.registry(), () -> leading ? 1 : 0);
    new Migrations(settings.database()).migrate(FOR_EVER, log::info);
    migrated = true;
    Database database =
        parts
            .own(
                Database.open(
                    settings
                        .database()
                        .withStatementTimeout(STATEMENT_TIMEOUT)
                        .withLockTimeout(LOCK_TIMEOUT)))
            .watched("controller", metrics.registry());
    KubernetesClient client = joined(connecting);
    if (settings.leaseNamespace().isEmpty()) {
      lead(database, client, WriteGuard.ALWAYS);
      return;
    }
    // The election itself tries again: a request that did so too would outlast the lease.
    KubernetesClient leaseClient =
        parts.own(settings.kubernetes().client(LEASE_REQUEST_TIMEOUT, 0));
    LeaderLease own =
        parts.own(
            new LeaderLease(leaseClient, settings.leaseNamespace().get(), settings.instance()));
    lease = Optional.of(own);
    own.start(() -> leadOrEnd(database, client, own), this::replaced);
    log.atInfo().addKeyValue("instance", settings.instance()).log("Waiting to be the leader");
  }

  /**
   * Makes the client and lets it connect: classes, certificates and TLS take as long as all the
   * rest of the start, so they go beside it.
   */
  private KubernetesClient connect() {
    KubernetesClient client = settings.kubernetes().client(REQUEST_TIMEOUT, REQUEST_RETRIES_MAX);
    try {
      client.namespaces().withName(KUBE_SYSTEM).get();
    } catch (KubernetesClientException e) {
      log.atDebug().setCause(e).log("The API server does not answer yet; it is asked again");
    }
    return client;
  }

  /**
   * Before the schema is there, the store has not answered yet. Where nothing is reconciled, the
   * feed is what notices that it is away.
   */
  private boolean storeUp() {
    return migrated && storeHealth.downFor().isEmpty() && hears.getAsBoolean();
  }

  private static KubernetesClient joined(CompletableFuture<KubernetesClient> connecting) {
    try {
      return connecting.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  private void leadOrEnd(Database database, KubernetesClient client, LeaderLease lease) {
    try {
      lead(database, client, lease);
    } catch (RuntimeException e) {
      if (!closing) {
        log.atError().setCause(e).log("The controller cannot start: " + e.getMessage());
        processEnd.end(EXIT_FAILED);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void lead(Database database, KubernetesClient client, WriteGuard guard)
      throws InterruptedException {
    DeclaredStore store = new PostgresDeclaredStore(database, settings.audit());
    ControllerFence fence = raiseEpoch(store, client);
    WorkspaceController controller =
        parts.own(
            WorkspaceController.create(
                new WorkspaceController.Settings(
                    fence,
                    guard,
                    settings.kubernetes().namespaces(),
                    settings.planDefaults(),
                    settings.receiverRules(),
                    settings.threads(),
                    settings.instance(),
                    this::replaced),
                client,
                store,
                storeHealth,
                clock,
                settings.traces().tracer(),
                metrics.registry()));
    // Before the first look: what is committed after a look must be heard. A feed that comes up
    // later, as it has no connection yet, asks for a look at everything.
    ChangeFeed feed = parts.own(ChangeFeed.start(settings.database(), controller.changes(), clock));
    if (!feed.awaitUp(LISTENING_WITHIN)) {
      log.warn("Changes are not heard yet; everything is looked at again once they are");
    }
    hears = feed::isUp;
    controller.start();
    PostgresFigures figures = new PostgresFigures(database);
    parts.own(
        LeaderFigures.start(
            new LeaderFigures.Source(
                controller::conditions,
                each -> figures.read(fence.cluster(), each),
                figures::platformLatchSeconds,
                this::storeUp),
            settings.planDefaults(),
            settings.workspaceLabel(),
            metrics));
    leading = true;
    log.atInfo()
        .addKeyValue("cluster", fence.cluster())
        .addKeyValue("epoch", fence.epoch())
        .log("Leading");
  }

  /** Not before the Workspaces can be listed: who cannot do that takes nothing over. */
  private ControllerFence raiseEpoch(DeclaredStore store, KubernetesClient client)
      throws InterruptedException {
    while (true) {
      try {
        Namespace kubeSystem = client.namespaces().withName(KUBE_SYSTEM).get();
        if (kubeSystem == null) {
          throw new IllegalStateException(
              "The cluster has no namespace kube-system, whose UID tells clusters apart.");
        }
        WorkspaceController.tryList(client, settings.kubernetes().namespaces());
        return store.raiseEpoch(
            settings.kubernetes().clusterName(),
            kubeSystem.getMetadata().getUid(),
            settings.kubernetes().adoptCluster() ? ClusterAdoption.ADOPT : ClusterAdoption.REFUSE);
      } catch (StoreUnavailableException | KubernetesClientException e) {
        log.atWarn().addKeyValue("cause", e.getMessage()).log("Cannot lead yet; trying again");
        Thread.sleep(RETRY);
      }
    }
  }

  /** Gives the lease back first, so that a replica that has started anew need not wait for it. */
  private void authorityChanged() {
    if (!closing) {
      log.atWarn()
          .log(
              "The API server's certificate authority has changed; the process ends, to be started"
                  + " anew with it");
      close();
      processEnd.end(EXIT_AUTHORITY_CHANGED);
    }
  }

  private void replaced() {
    if (!closing) {
      log.atError()
          .log(
              "This controller may not write any more: its lease ran out or another has taken over;"
                  + " the process ends");
      processEnd.end(EXIT_REPLACED);
    }
  }
}
