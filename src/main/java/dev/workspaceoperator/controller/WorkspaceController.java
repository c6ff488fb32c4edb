package dev.workspaceoperator.controller;

import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.metric.Metric;
import dev.workspaceoperator.trace.Tracer;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.port.ControllerFence;
import dev.workspaceoperator.workspace.port.DeclaredStore;
import dev.workspaceoperator.workspace.port.ReceiverRules;
import dev.workspaceoperator.workspace.port.WorkspaceChanges;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.Cloner;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.health.InformerHealthIndicator;
import io.javaoperatorsdk.operator.health.InformerWrappingEventSourceHealthIndicator;
import io.javaoperatorsdk.operator.health.Status;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** The running reconciler of one cluster: informer, reconciliations, comparison, events. */
public final class WorkspaceController implements AutoCloseable {
  private static final long LIST_PAGE = 500;

  /** How long the start waits for the lists of all namespaces, where there are several. */
  private static final Duration LISTED_WITHIN = Duration.ofSeconds(5);

  private static final double MILLIS = 1e3;

  private final Settings settings;
  private final KubernetesClient client;
  private final DeclaredStore store;
  private final Operator operator;
  private final EventPublisher events;
  private final Attention attention;
  private final StoreHealth storeHealth;
  private final MeterRegistry metrics;
  private volatile Optional<Comparison> comparison = Optional.empty();
  private volatile Optional<NamespaceWatch> namespaceWatch = Optional.empty();

  private WorkspaceController(
      Settings settings,
      KubernetesClient client,
      DeclaredStore store,
      StoreHealth storeHealth,
      Clock clock,
      Tracer tracer,
      MeterRegistry metrics) {
    this.settings = settings;
    this.client = client;
    this.store = store;
    this.storeHealth = storeHealth;
    this.metrics = metrics;
    this.attention = new Attention();
    Metric.AUDIT_LAG.gauge(metrics, () -> attention.behind().toMillis() / MILLIS);
    this.events = new EventPublisher(client, settings.instance(), clock, metrics);
    this.operator =
        new Operator(overrider -> {
          overrider
              .withKubernetesClient(client)
              .withCloseClientOnStop(false)
              .checkingCRDAndValidateLocalModel(false)
              .withConcurrentReconciliationThreads(settings.threads())
              .withReconciliationTerminationTimeout(Duration.ofSeconds(5))
              .withResourceCloner(new NoCloner());
          if (!settings.namespaces().isEmpty()) {
            // One that cannot be listed must not keep the others from being served.
            overrider
                .withStopOnInformerErrorDuringStartup(false)
                .withCacheSyncTimeout(LISTED_WITHIN);
          }
        });
    operator.register(
        new WorkspaceReconciler(
            new WorkspaceReconciler.Parts(
                settings.fence(),
                store,
                storeHealth,
                new StatusRenderer(settings.planDefaults()),
                settings.receiverRules(),
                new ResourceWriter(client, settings.guard(), new TransitionEvents(events)),
                attention,
                settings.onFenced(),
                clock,
                new ReconcileLog(metrics, tracer))),
        overrider -> configure(overrider, settings.namespaces()));
  }

  /**
   * What a controller is told.
   *
   * @param fence its right to write to the store
   * @param guard its right to write to the API server
   * @param namespaces those that it manages; empty for all
   * @param planDefaults run caps by plan
   * @param receiverRules what receivers of notifications manifests may name
   * @param threads most reconciliations at the same time
   * @param instance the name of this process in events
   * @param onFenced ends the process: another controller has taken over
   */
  public record Settings(
      ControllerFence fence,
      WriteGuard guard,
      Set<String> namespaces,
      PlanDefaults planDefaults,
      ReceiverRules receiverRules,
      int threads,
      String instance,
      Runnable onFenced) {
    public Settings {
      namespaces = Set.copyOf(namespaces);
    }
  }

  /**
   * Makes one that does nothing yet, so that it can be told of {@link #changes} from its first look
   * on.
   *
   * @param client used for everything but the lease; not closed
   */
  public static WorkspaceController create(
      Settings settings,
      KubernetesClient client,
      DeclaredStore store,
      StoreHealth storeHealth,
      Clock clock,
      Tracer tracer,
      MeterRegistry metrics) {
    // A watch event of an unregistered kind is read twice, first as anything.
    client.getKubernetesSerialization().registerKubernetesResource(Workspace.class);
    return new WorkspaceController(settings, client, store, storeHealth, clock, tracer, metrics);
  }

  /**
   * Tries the list that a controller of the whole cluster begins with: that one is not tried again.
   * Where namespaces are named, each is tried until it can be listed, and need not be now.
   *
   * @throws io.fabric8.kubernetes.client.KubernetesClientException if it cannot be had yet, as
   *     while the API server has not heard of new rights or of the new kind
   */
  public static void tryList(KubernetesClient client, Set<String> namespaces) {
    if (namespaces.isEmpty()) {
      client
          .resources(Workspace.class)
          .inAnyNamespace()
          .list(new ListOptionsBuilder().withLimit(1L).build());
    }
  }

  /**
   * Starts, and returns once the informer has listed every Workspace; where namespaces are named,
   * those that can be listed.
   *
   * @throws io.javaoperatorsdk.operator.OperatorException if the Workspaces of the whole cluster
   *     cannot be listed
   */
  public void start() {
    operator.start();
    comparison =
        Optional.of(
            new Comparison(
                settings.fence(),
                store,
                client,
                settings.namespaces(),
                attention,
                settings.onFenced()));
    if (!settings.namespaces().isEmpty()) {
      namespaceWatch =
          Optional.of(new NamespaceWatch(client, settings.namespaces(), this::unhealthy, metrics));
    }
  }

  /** How many Workspaces have which condition now. */
  public Map<ConditionCensus.Kind, Integer> conditions() {
    return ConditionCensus.of(attention.cached());
  }

  /** The namespaces whose informer is not in order now. */
  @SuppressWarnings("rawtypes") // The framework's own signature has them.
  private Set<String> unhealthy() {
    Set<String> namespaces = new HashSet<>();
    for (Map<String, InformerWrappingEventSourceHealthIndicator> sources :
        operator.getRuntimeInfo().unhealthyInformerWrappingEventSourceHealthIndicator().values()) {
      for (InformerWrappingEventSourceHealthIndicator<?> source : sources.values()) {
        source.informerHealthIndicators().values().stream()
            .filter(informer -> informer.getStatus() != Status.HEALTHY)
            .map(InformerHealthIndicator::getTargetNamespace)
            .forEach(namespaces::add);
      }
    }
    return namespaces;
  }

  /** To be told of every change in the store. */
  public WorkspaceChanges changes() {
    return new WorkspaceChanges() {
      @Override
      public void changed(ResourceIdentity identity, long revision) {
        attention.changed(identity, revision);
      }

      @Override
      public void freed() {
        attention.freed();
      }

      @Override
      public void resync() {
        storeHealth.answered();
        attention.resync();
      }
    };
  }

  /** Ends what is under way, for at most 5 seconds, and stops. */
  @Override
  public void close() {
    namespaceWatch.ifPresent(NamespaceWatch::close);
    comparison.ifPresent(Comparison::close);
    operator.stop();
    events.close();
  }

  private static void configure(
      ControllerConfigurationOverrider<Workspace> overrider, Set<String> namespaces) {
    overrider
        .withName("workspace")
        .withFieldManager(StatusApi.FIELD_MANAGER)
        // Page by page, or all Workspaces are in memory twice, as text and as objects.
        .withInformerListLimit(LIST_PAGE)
        // The framework's own finalizer handling is all or nothing; ours is only for Delete.
        .withTriggerReconcilerOnAllEvents(true)
        // The framework's own judgement is by generation alone.
        .withGenerationAware(false)
        .withOnUpdateFilter(WorkspaceController::isNews)
        .withReconciliationMaxInterval(WorkspaceReconciler.RECHECK)
        .withRetry(
            new GenericRetry()
                .setInitialInterval(200)
                .setIntervalMultiplier(2)
                .setMaxInterval(10_000)
                .withoutMaxAttempts());
    if (namespaces.isEmpty()) {
      overrider.watchingAllNamespaces();
    } else {
      overrider.settingNamespaces(namespaces);
    }
    if (namespaces.size() <= 1) {
      // One informer a namespace, and they cannot share an item store.
      overrider.withItemStore(new SlimItemStore<>());
    }
  }

  /**
   * Whether more has changed than status: also a finalizer that somebody dropped, and another
   * resource under the same name whose predecessor's end was missed, leave the generation as it
   * was.
   */
  static boolean isNews(Workspace now, Workspace before) {
    ObjectMeta is = now.getMetadata();
    ObjectMeta was = before.getMetadata();
    return !Objects.equals(is.getUid(), was.getUid())
        || !Objects.equals(is.getGeneration(), was.getGeneration())
        || !Objects.equals(is.getDeletionTimestamp(), was.getDeletionTimestamp())
        || !Objects.equals(is.getFinalizers(), was.getFinalizers());
  }

  /** The reconciler never changes a resource that it is given, so none need be copied for it. */
  private static final class NoCloner implements Cloner {
    @Override
    public <R extends HasMetadata> R clone(R resource) {
      return resource;
    }
  }
}
