package dev.workspaceoperator.controller;

import dev.workspaceoperator.crd.ManifestReader;
import dev.workspaceoperator.crd.Reading;
import dev.workspaceoperator.crd.Violation;
import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.crd.WorkspaceStatus;
import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.DeclaredApiKey;
import dev.workspaceoperator.workspace.DeletionPolicy;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.PlanRefusal;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.port.ControllerFence;
import dev.workspaceoperator.workspace.port.DeclaredStore;
import dev.workspaceoperator.workspace.port.Gathered;
import dev.workspaceoperator.workspace.port.ReceiverRules;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import dev.workspaceoperator.workspace.port.SyncOutcome;
import dev.workspaceoperator.workspace.rule.PlanLimits;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.api.config.informer.Informer;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.RetryInfo;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;

/**
 * One Workspace, from manifest to store to status: read it, gather what the store knows, decide,
 * carry the decision out in one transaction, and say what is so.
 */
// Resource versions are not compared: that would make the framework take a foreign change that
// races with a status write for the echo of it, and lose it.
@ControllerConfiguration(informer = @Informer(comparableResourceVersions = false))
final class WorkspaceReconciler implements Reconciler<Workspace> {
  /** Drift is repaired at least this often. */
  static final Duration RECHECK = Duration.ofSeconds(60);

  /** What is stalled may heal when somebody else lets go of a slug or a key. */
  static final Duration RECHECK_STALLED = Duration.ofSeconds(10);

  /** Fewer may be a blip of the network, which status need not tell. */
  static final int FAILURES_UNTIL_TOLD = 3;

  /** A store that was lost a moment ago is back soon, as after a failover. */
  static final Duration RECHECK_STORE_SOON = Duration.ofSeconds(2);

  private static final Duration RECHECK_STORE = Duration.ofSeconds(5);

  private final String clusterName;
  private final ControllerFence fence;
  private final DeclaredStore store;
  private final StoreHealth storeHealth;
  private final StatusRenderer renderer;
  private final ReceiverRules receiverRules;
  private final ResourceWriter writer;
  private final Attention attention;
  private final Runnable onFenced;
  private final Retirement retirement;
  private final HistoryCheck history;
  private final TroubleReport trouble;
  private final Retries retries = new Retries();
  private final ReconcileLog log;

  WorkspaceReconciler(Parts parts) {
    this.clusterName = parts.fence().cluster();
    this.fence = parts.fence();
    this.store = parts.store();
    this.storeHealth = parts.storeHealth();
    this.renderer = parts.renderer();
    this.receiverRules = parts.receiverRules();
    this.writer = parts.writer();
    this.attention = parts.attention();
    this.onFenced = parts.onFenced();
    this.retirement = new Retirement(parts.fence(), parts.store());
    this.history = new HistoryCheck(parts.fence(), parts.store());
    this.trouble = new TroubleReport(parts.renderer(), parts.writer(), parts.clock());
    this.log = parts.log();
  }

  /**
   * What a reconciler works with.
   *
   * @param onFenced ends the process: another controller has taken over
   */
  record Parts(
      ControllerFence fence,
      DeclaredStore store,
      StoreHealth storeHealth,
      StatusRenderer renderer,
      ReceiverRules receiverRules,
      ResourceWriter writer,
      Attention attention,
      Runnable onFenced,
      Clock clock,
      ReconcileLog log) {}

  @Override
  public List<EventSource<?, Workspace>> prepareEventSources(
      EventSourceContext<Workspace> context) {
    attention.informedBy(context.getPrimaryCache());
    return List.of(attention.eventSource());
  }

  @Override
  public UpdateControl<Workspace> reconcile(Workspace resource, Context<Workspace> context) {
    ReconcileLog.Started started = log.start(resource);
    Verdict verdict;
    try {
      verdict = started.during(() -> verdict(resource, context));
    } catch (RuntimeException e) {
      started.failed(e);
      throw e;
    }
    started.end(verdict.outcome(), verdict.reason());
    UpdateControl<Workspace> done = UpdateControl.noUpdate();
    return context.isPrimaryResourceDeleted() ? done : done.rescheduleAfter(verdict.recheck());
  }

  /** Logged and retried, for ever, by the framework; status tells it once it does not pass. */
  @Override
  public ErrorStatusUpdateControl<Workspace> updateErrorStatus(
      Workspace resource, Context<Workspace> context, Exception failure) {
    boolean persists =
        context.getRetryInfo().map(RetryInfo::getAttemptCount).orElse(0) >= FAILURES_UNTIL_TOLD;
    if (persists && !context.isPrimaryResourceDeleted()) {
      tellOfFailure(resource);
    }
    return ErrorStatusUpdateControl.defaultErrorProcessing();
  }

  /** Must not fail itself: the framework would then log this failure and not the first. */
  private void tellOfFailure(Workspace resource) {
    try {
      trouble.unexpectedFailure(resource);
    } catch (KubernetesClientException e) {
      LoggerFactory.getLogger(WorkspaceReconciler.class)
          .atWarn()
          .addKeyValue("cause", e.getMessage())
          .log("The failure is not in status yet");
    } catch (FencedException e) {
      onFenced.run();
    }
  }

  private Verdict verdict(Workspace resource, Context<Workspace> context) {
    ResourceIdentity identity = identity(resource);
    try {
      attention.met(identity);
      if (context.isPrimaryResourceDeleted()) {
        writer.forget(resource);
        return vanished(resource, identity, context);
      }
      if (!storeHealth.mayTry()) {
        return storeDown(resource);
      }
      return exists(resource, identity);
    } catch (StoreUnavailableException e) {
      storeHealth.failed();
      if (context.isPrimaryResourceDeleted()) {
        throw e; // The framework does not reschedule a resource that is gone, but it does retry.
      }
      return storeDown(resource);
    } catch (FencedException e) {
      onFenced.run();
      return new Verdict(ReconcileOutcome.FENCED, Optional.empty(), RECHECK);
    }
  }

  private Verdict exists(Workspace resource, ResourceIdentity identity) {
    return switch (ManifestReader.read(resource, clusterName)) {
      case Reading.WellFormed(Manifest manifest) -> valid(resource, manifest);
      case Reading.Malformed(List<Violation> violations) ->
          refused(
              resource,
              gather(identity, Optional.empty(), Set.of()),
              Stall.ofViolations(violations));
    };
  }

  private Verdict valid(Workspace resource, Manifest manifest) {
    Set<ApiKeyDigest> digests =
        manifest.apiKeys().stream().map(DeclaredApiKey::digest).collect(Collectors.toSet());
    Gathered gathered = gather(manifest.identity(), Optional.of(manifest.slug()), digests);
    return switch (SyncDecision.decide(manifest, Presence.of(resource), gathered)) {
      case SyncDecision.InForce() ->
          accepted(resource, manifest, gathered, gathered, ReconcileOutcome.UNCHANGED);
      case SyncDecision.Superseded() ->
          overtaken(resource, ReconcileOutcome.SUPERSEDED, Reason.SUPERSEDED);
      case SyncDecision.Refuse(Stall stall) -> refused(resource, gathered, stall);
      case SyncDecision.Sync sync -> {
        // The finalizer comes first: whoever deletes the resource from now on waits for archiving.
        boolean toBeHeld =
            manifest.deletionPolicy() == DeletionPolicy.DELETE && !resource.isMarkedForDeletion();
        Workspace held = toBeHeld ? writer.setFinalizer(resource, true) : resource;
        yield switch (carryOut(sync)) {
          case SyncOutcome.Applied(Gathered after) ->
              accepted(held, manifest, gathered, after, ReconcileOutcome.SYNCED);
          case SyncOutcome.Conflict() ->
              overtaken(held, ReconcileOutcome.CONFLICT, Reason.CONFLICT);
          case SyncOutcome.OldGeneration() ->
              overtaken(held, ReconcileOutcome.SUPERSEDED, Reason.SUPERSEDED);
          case SyncOutcome.Fenced(long currentEpoch) -> throw new FencedException(currentEpoch);
        };
      }
    };
  }

  private SyncOutcome carryOut(SyncDecision.Sync sync) {
    ResourceIdentity identity = sync.manifest().identity();
    Optional<Long> written = Optional.empty();
    attention.syncing(identity);
    try {
      SyncOutcome outcome =
          store.sync(fence, sync.manifest(), sync.state(), sync.expectedDeclaredRevision());
      if (outcome instanceof SyncOutcome.Applied(Gathered after)) {
        written = after.workspace().map(StoredWorkspace::revision);
      }
      return outcome;
    } finally {
      attention.synced(identity, written);
    }
  }

  private Verdict accepted(
      Workspace resource,
      Manifest manifest,
      Gathered before,
      Gathered after,
      ReconcileOutcome outcome) {
    Optional<Stall> stall =
        Stall.ofAccepted(manifest, notInForce(after), before.foreignKeys(), receiverRules);
    return settled(resource, before, after, stall, outcome);
  }

  private Verdict overtaken(Workspace resource, ReconcileOutcome outcome, Reason reason) {
    Duration pause = retries.overtaken(identity(resource));
    if (retries.isToTell(identity(resource))) {
      trouble.overtaken(resource, reason);
    }
    return new Verdict(outcome, Optional.of(reason), pause);
  }

  /** What was last accepted stays in force, and so does its deletion policy. */
  private Verdict refused(Workspace resource, Gathered gathered, Stall stall) {
    if (stall.reason() == Reason.PLAN_UPGRADE_REQUIRED && !isTold(resource, stall)) {
      store.tellPlanRefusal(
          identity(resource),
          resource.getMetadata().getUid(),
          resource.getMetadata().getGeneration(),
          stall.message());
    }
    Gathered kept =
        resource.isMarkedForDeletion() && hasPolicyDelete(gathered)
            ? retirement.byStoredPolicy(identity(resource))
            : managed(resource, gathered);
    return settled(resource, gathered, kept, Optional.of(stall), ReconcileOutcome.REFUSED);
  }

  /** Whether status tells of it already. */
  private static boolean isTold(Workspace resource, Stall stall) {
    return Optional.ofNullable(resource.getStatus())
        .map(WorkspaceStatus::conditions)
        .flatMap(conditions -> ConditionSet.find(conditions, ConditionType.STALLED))
        .filter(told -> told.message().equals(stall.message()))
        .isPresent();
  }

  /** While a resource exists, accepted or refused, REST does not act on what it left behind. */
  private Gathered managed(Workspace resource, Gathered gathered) {
    if (gathered.workspace().filter(it -> it.state() == State.FROZEN).isEmpty()) {
      return gathered;
    }
    String uid = resource.getMetadata().getUid();
    SyncOutcome outcome = store.thaw(fence, identity(resource), uid);
    require(outcome);
    return outcome instanceof SyncOutcome.Applied(Gathered after) ? after : gathered;
  }

  private static List<PlanRefusal> notInForce(Gathered gathered) {
    return PlanLimits.of(gathered.workspace().orElseThrow().layers(), gathered.now()).notInForce();
  }

  /** The store is as it is to be; the finalizer follows, and then status tells of both. */
  private Verdict settled(
      Workspace resource,
      Gathered before,
      Gathered gathered,
      Optional<Stall> stall,
      ReconcileOutcome outcome) {
    boolean toBeHeld = hasPolicyDelete(gathered) && !resource.isMarkedForDeletion();
    Workspace left = writer.setFinalizer(resource, toBeHeld);
    boolean gone = left.isMarkedForDeletion() && left.getMetadata().getFinalizers().isEmpty();
    return gone
        ? new Verdict(ReconcileOutcome.ARCHIVED, Optional.empty(), RECHECK)
        : publish(left, before, gathered, stall, outcome);
  }

  private static boolean hasPolicyDelete(Gathered gathered) {
    return gathered
        .workspace()
        .filter(workspace -> workspace.deletionPolicy() == DeletionPolicy.DELETE)
        .isPresent();
  }

  private Verdict publish(
      Workspace resource,
      Gathered before,
      Gathered gathered,
      Optional<Stall> stall,
      ReconcileOutcome outcome) {
    WorkspaceStatus current = writer.current(resource);
    HistoryCheck.Checked checked = history.check(identity(resource), current, before, gathered);
    Gathered known = checked.gathered();
    WorkspaceStatus next =
        renderer.decided(
            current, resource.getMetadata().getGeneration(), known, stall, checked.lost());
    long writingAtNanos = System.nanoTime();
    writer.write(resource, next, toldSoFar(resource, current, before));
    tellOfKill(current, next, known, writingAtNanos);
    retries.over(identity(resource));
    attention.seen(identity(resource), known.workspace().map(StoredWorkspace::revision), stall);
    return new Verdict(
        outcome, stall.map(Stall::reason), stall.isPresent() ? RECHECK_STALLED : recheck(known));
  }

  /** How long status did not show a kill switch that was in force. */
  private void tellOfKill(
      WorkspaceStatus before, WorkspaceStatus after, Gathered known, long writingAtNanos) {
    boolean isNews = before.id() != null && before.killSwitch() == null;
    if (isNews && after.killSwitch() != null) {
      known
          .workspace()
          .flatMap(workspace -> workspace.layers().killSwitch().strongest())
          .ifPresent(latch ->
              log.killShown(
                  Duration.between(latch.since(), known.now())
                      .plusNanos(System.nanoTime() - writingAtNanos)));
    }
  }

  /**
   * What the world was told before this status: of a resource that was made anew, what the store
   * had when the one before it went. Otherwise its first status would tell everything once more.
   */
  private WorkspaceStatus toldSoFar(Workspace resource, WorkspaceStatus current, Gathered before) {
    String uid = resource.getMetadata().getUid();
    return before
        .workspace()
        .filter(stored -> current.id() == null && !stored.resourceUid().equals(uid))
        .map(_ -> renderer.stored(before))
        .orElse(current);
  }

  /** An override that ends is shown as ended in time, not at the next regular look. */
  private static Duration recheck(Gathered gathered) {
    return gathered.workspace().stream()
        .flatMap(workspace -> workspace.layers().overrides().stream())
        .filter(override -> override.isLiveAt(gathered.now()))
        .map(override -> Duration.between(gathered.now(), override.expiresAt()).plusMillis(100))
        .filter(untilEnd -> untilEnd.compareTo(RECHECK) < 0)
        .min(Duration::compareTo)
        .orElse(RECHECK);
  }

  private Verdict vanished(Workspace last, ResourceIdentity identity, Context<Workspace> context) {
    boolean madeAgain = context.getPrimaryCache().get(Attention.resourceId(identity)).isPresent();
    attention.gone(identity);
    retries.over(identity);
    if (madeAgain) {
      // The event of its creation follows; freezing it now would only be undone.
      attention.request(identity);
      return new Verdict(ReconcileOutcome.SUPERSEDED, Optional.empty(), RECHECK);
    }
    boolean archived =
        retirement
            .byLastGeneration(last)
            .workspace()
            .filter(workspace -> workspace.state() == State.ARCHIVED)
            .isPresent();
    storeHealth.answered();
    return new Verdict(
        archived ? ReconcileOutcome.ARCHIVED : ReconcileOutcome.FROZEN, Optional.empty(), RECHECK);
  }

  private Verdict storeDown(Workspace resource) {
    if (storeHealth.isReported()) {
      trouble.storeUnavailable(resource);
    }
    return new Verdict(
        ReconcileOutcome.STORE_UNAVAILABLE,
        Optional.of(Reason.STORE_UNAVAILABLE),
        storeHealth.isReported() ? RECHECK_STORE : RECHECK_STORE_SOON);
  }

  private Gathered gather(
      ResourceIdentity identity, Optional<String> slug, Set<ApiKeyDigest> digests) {
    Gathered gathered = store.gather(identity, slug, digests);
    storeHealth.answered();
    if (gathered.controllerEpoch() != fence.epoch()) {
      throw new FencedException(gathered.controllerEpoch());
    }
    return gathered;
  }

  private ResourceIdentity identity(Workspace resource) {
    return new ResourceIdentity(
        clusterName, resource.getMetadata().getNamespace(), resource.getMetadata().getName());
  }

  private static void require(SyncOutcome outcome) {
    if (outcome instanceof SyncOutcome.Fenced(long currentEpoch)) {
      throw new FencedException(currentEpoch);
    }
  }

  private record Verdict(ReconcileOutcome outcome, Optional<Reason> reason, Duration recheck) {}
}
