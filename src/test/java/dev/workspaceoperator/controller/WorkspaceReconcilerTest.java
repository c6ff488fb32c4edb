package dev.workspaceoperator.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.crd.WorkspaceStatus;
import dev.workspaceoperator.trace.Tracer;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingsOverride;
import dev.workspaceoperator.workspace.port.ControllerFence;
import dev.workspaceoperator.workspace.port.DeclaredStore;
import dev.workspaceoperator.workspace.port.Gathered;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.RetryInfo;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What no real server can show at will; everything else is shown on real ones by LeastPrivilegeIT
 * and its neighbours.
 */
class WorkspaceReconcilerTest {
  private static final StatusRenderer RENDERER = new StatusRenderer(PlanDefaults.STANDARD);

  private final Sample sample = new Sample();
  private final AtomicInteger ended = new AtomicInteger();
  private final AtomicInteger writesTried = new AtomicInteger();
  private boolean mayWrite = true;
  private final KubernetesClient client =
      new KubernetesClientBuilder().withConfig(Config.empty()).build();

  @AfterEach
  void close() {
    client.close();
  }

  /** The race itself (SpecRaceIT) is lost too rarely to be relied on. */
  @Test
  void aForeignChangeIsNeverTakenForTheEchoOfAStatusWrite() {
    assertThat(
            WorkspaceReconciler.class
                .getAnnotation(ControllerConfiguration.class)
                .informer()
                .comparableResourceVersions())
        .isFalse();
  }

  @Test
  void whatTheGenerationDoesNotTellOfIsNewsTooButNoStatus() {
    Workspace before = resource(null);
    Workspace otherStatus =
        resource(new WorkspaceStatus(1L, null, null, null, null, null, null, null, null));
    otherStatus.getMetadata().setResourceVersion("2");
    assertThat(WorkspaceController.isNews(otherStatus, before)).isFalse();

    Map<String, Consumer<ObjectMeta>> changes =
        Map.of(
            "a new generation", it -> it.setGeneration(sample.generation + 1),
            "an older one, of a cluster that was restored", it -> it.setGeneration(1L),
            "another resource in its place", it -> it.setUid("uid-2"),
            "a finalizer", it -> it.setFinalizers(List.of(ResourceWriter.FINALIZER)),
            "its deletion", it -> it.setDeletionTimestamp("2030-01-31T12:00:00Z"));
    changes.forEach((what, change) -> {
      Workspace now = resource(null);
      change.accept(now.getMetadata());
      assertThat(WorkspaceController.isNews(now, before)).as(what).isTrue();
      assertThat(WorkspaceController.isNews(before, now)).as(what + ", undone").isTrue();
    });
  }

  @Test
  void aNewerEpochEndsTheProcessBeforeAnythingIsWritten() {
    Gathered gathered =
        new Gathered(Sample.NOW, Sample.EPOCH + 1, Optional.of(sample.stored()), false, Set.of());

    reconcile(gathered, null);

    assertThat(ended).hasValue(1);
    assertThat(writesTried).hasValue(0);
  }

  @Test
  void whatIsInForceAndSaidAlreadyIsLookedAtAgainInAMinute() {
    assertThat(recheckOfWhatIsInForce()).isEqualTo(WorkspaceReconciler.RECHECK);
    assertThat(writesTried).hasValue(0);
    assertThat(ended).hasValue(0);
  }

  @Test
  void theFirstOverrideToEndIsLookedAtRightAfterItsEnd() {
    sample.overrides =
        List.of(
            override(1, Duration.ofSeconds(40)),
            override(2, Duration.ofSeconds(20)),
            override(3, Duration.ofHours(1)));

    assertThat(recheckOfWhatIsInForce())
        .isBetween(Duration.ofSeconds(20).plusMillis(1), Duration.ofSeconds(21));
  }

  /** As after the API server's data was restored from a backup: the store is ahead for good. */
  @Test
  void whatIsOvertakenAgainAndAgainIsTriedMoreSeldomAndToldInStatus() {
    Workspace resource = resource(null);
    sample.generation += 2;
    WorkspaceReconciler reconciler = reconciler(sample.gathered());
    mayWrite = false;

    List<Long> pauses = new ArrayList<>();
    for (int look = 1; look < Retries.UNTIL_TOLD; look++) {
      pauses.add(reconciler.reconcile(resource, afterAttempts(0)).getScheduleDelay().orElseThrow());
    }
    assertThat(pauses).containsExactly(50L, 100L, 200L, 400L, 800L);
    assertThat(writesTried).hasValue(0);

    reconciler.reconcile(resource, afterAttempts(0));
    assertThat(writesTried).hasValue(1);
  }

  @Test
  void onlyAFailureThatPersistsIsToldInStatus() {
    WorkspaceReconciler reconciler = reconciler(sample.gathered());
    Exception failure = new IllegalStateException("on purpose");

    reconciler.updateErrorStatus(
        resource(null), afterAttempts(WorkspaceReconciler.FAILURES_UNTIL_TOLD - 1), failure);
    assertThat(writesTried).hasValue(0);

    reconciler.updateErrorStatus(
        resource(null), afterAttempts(WorkspaceReconciler.FAILURES_UNTIL_TOLD), failure);
    assertThat(writesTried).hasValue(1);
  }

  private Duration recheckOfWhatIsInForce() {
    Gathered gathered = sample.gathered();
    WorkspaceStatus unobserved =
        new WorkspaceStatus(-1L, null, null, null, null, null, null, null, null);
    WorkspaceStatus said =
        RENDERER.decided(unobserved, sample.generation, gathered, Optional.empty());
    return Duration.ofMillis(reconcile(gathered, said).getScheduleDelay().orElseThrow());
  }

  private UpdateControl<Workspace> reconcile(Gathered gathered, @Nullable WorkspaceStatus status) {
    return reconciler(gathered).reconcile(resource(status), afterAttempts(0));
  }

  private Workspace resource(@Nullable WorkspaceStatus status) {
    Workspace resource = new Workspace();
    resource.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace(sample.manifest().identity().namespace())
            .withName(sample.manifest().identity().name())
            .withUid(sample.uid)
            .withGeneration(sample.generation)
            .build());
    resource.setStatus(status);
    return resource;
  }

  private WorkspaceReconciler reconciler(Gathered gathered) {
    WriteGuard guard =
        () -> {
          writesTried.incrementAndGet();
          return mayWrite;
        };
    return new WorkspaceReconciler(
        new WorkspaceReconciler.Parts(
            new ControllerFence("default", Sample.EPOCH),
            answering(DeclaredStore.class, Map.of("gather", gathered)),
            new StoreHealth(),
            RENDERER,
            (workspace, receiver) -> Optional.empty(),
            new ResourceWriter(client, guard, (resource, before, after) -> {}),
            new Attention(),
            ended::incrementAndGet,
            Clock.fixed(Sample.NOW, ZoneOffset.UTC),
            new ReconcileLog(new SimpleMeterRegistry(), Tracer.NONE)));
  }

  private static SettingsOverride override(long id, Duration untilEnd) {
    return new SettingsOverride(
        new UUID(0, id), Setting.DAILY_BUDGET, 1, Sample.NOW.plus(untilEnd), Sample.NOW);
  }

  @SuppressWarnings("unchecked") // A class literal has no type arguments.
  private static Context<Workspace> afterAttempts(int attempts) {
    RetryInfo retries = answering(RetryInfo.class, Map.of("getAttemptCount", attempts));
    return answering(
        Context.class,
        Map.of("isPrimaryResourceDeleted", false, "getRetryInfo", Optional.of(retries)));
  }

  /** Answers these methods; whatever else is called fails the test. */
  private static <T> T answering(Class<T> type, Map<String, Object> answers) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, called, _) -> {
              if (answers.containsKey(called.getName())) {
                return answers.get(called.getName());
              }
              throw new UnsupportedOperationException(called.toString());
            }));
  }
}
