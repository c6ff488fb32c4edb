package dev.workspaceoperator.controller;

import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.workspace.ControllerFence;
import dev.workspaceoperator.workspace.DeclaredStore;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.WorkspaceChanges;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.config.Cloner;
import io.javaoperatorsdk.operator.api.config.ControllerConfigurationOverrider;
import io.javaoperatorsdk.operator.processing.retry.GenericRetry;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;

/** The running reconciler of one cluster: informer, reconciliations, comparison, events. */
public final class WorkspaceController implements AutoCloseable {
  private static final long LIST_PAGE = 500;

  private final Operator operator;
  private final EventPublisher events;
  private final Comparison comparison;
  private final Attention attention;
  private final StoreHealth storeHealth;

  private WorkspaceController(
      Operator operator,
      EventPublisher events,
      Comparison comparison,
      Attention attention,
      StoreHealth storeHealth) {
    this.storeHealth = storeHealth;
    this.operator = operator;
    this.events = events;
    this.comparison = comparison;
    this.attention = attention;
  }

  /**
   * What a controller is told.
   *
   * @param fence its right to write to the store
   * @param guard its right to write to the API server
   * @param namespaces those that it manages; empty for all
   * @param planDefaults run caps by plan
   * @param threads most reconciliations at the same time
   * @param instance the name of this process in events
   * @param onFenced ends the process: another controller has taken over
   */
  public record Settings(
      ControllerFence fence,
      WriteGuard guard,
      Set<String> namespaces,
      PlanDefaults planDefaults,
      int threads,
      String instance,
      Runnable onFenced) {
    public Settings {
      namespaces = Set.copyOf(namespaces);
    }
  }

  /**
   * Starts, and returns once the informer has listed every Workspace.
   *
   * @param client used for everything but the lease; not closed
   * @throws io.javaoperatorsdk.operator.OperatorException if the Workspaces cannot be listed
   */
  public static WorkspaceController start(
      Settings settings,
      KubernetesClient client,
      DeclaredStore store,
      StoreHealth storeHealth,
      Clock clock,
      MeterRegistry metrics) {
    // A watch event of an unregistered kind is read twice, first as anything.
    client.getKubernetesSerialization().registerKubernetesResource(Workspace.class);
    Attention attention = new Attention();
    EventPublisher events = new EventPublisher(client, settings.instance(), clock, metrics);
    ResourceWriter writer =
        new ResourceWriter(client, settings.guard(), new TransitionEvents(events));
    WorkspaceReconciler reconciler =
        new WorkspaceReconciler(
            new WorkspaceReconciler.Parts(
                settings.fence(),
                store,
                storeHealth,
                new StatusRenderer(settings.planDefaults()),
                writer,
                attention,
                settings.onFenced(),
                clock,
                new ReconcileLog(metrics)));
    Operator operator =
        new Operator(overrider ->
            overrider
                .withKubernetesClient(client)
                .withCloseClientOnStop(false)
                .checkingCRDAndValidateLocalModel(false)
                .withConcurrentReconciliationThreads(settings.threads())
                .withReconciliationTerminationTimeout(Duration.ofSeconds(5))
                .withResourceCloner(new NoCloner()));
    operator.register(reconciler, overrider -> configure(overrider, settings.namespaces()));
    operator.start();
    Comparison comparison =
        new Comparison(
            settings.fence(), store, client, settings.namespaces(), attention, settings.onFenced());
    return new WorkspaceController(operator, events, comparison, attention, storeHealth);
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
    comparison.close();
    operator.stop();
    events.close();
  }

  private static void configure(
      ControllerConfigurationOverrider<Workspace> overrider, Set<String> namespaces) {
    overrider
        .withName("workspace")
        .withFieldManager(ResourceWriter.FIELD_MANAGER)
        // Page by page, or all Workspaces are in memory twice, as text and as objects.
        .withInformerListLimit(LIST_PAGE)
        // The framework's own finalizer handling is all or nothing; ours is only for Delete.
        .withTriggerReconcilerOnAllEvents(true)
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

  /** The reconciler never changes a resource that it is given, so none need be copied for it. */
  private static final class NoCloner implements Cloner {
    @Override
    public <R extends HasMetadata> R clone(R resource) {
      return resource;
    }
  }
}
