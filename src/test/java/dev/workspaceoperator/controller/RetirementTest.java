package dev.workspaceoperator.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.workspace.DeletionPolicy;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.port.ControllerFence;
import dev.workspaceoperator.workspace.port.DeclaredStore;
import dev.workspaceoperator.workspace.port.Gathered;
import dev.workspaceoperator.workspace.port.SyncOutcome;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What the last generation of a resource that is gone still does; that it is so on real servers,
 * DeletionE2eIT shows.
 */
class RetirementTest {
  private static final ControllerFence FENCE = new ControllerFence("default", Sample.EPOCH);

  private final Sample sample = new Sample();
  private final List<String> asked = new ArrayList<>();
  private final List<Manifest> synced = new ArrayList<>();
  private final Deque<SyncOutcome> syncs = new ArrayDeque<>();
  private SyncOutcome retired = new SyncOutcome.Applied(Sample.nothing());

  @Test
  void aGenerationThatCameWithTheDeletionIsAcceptedFirst() {
    syncs.add(new SyncOutcome.Applied(sample.gathered()));

    retire(last(sample.generation + 1, "plan: Scale, dailyBudgetUsd: 7"));

    assertThat(asked).containsExactly("gather", "sync FROZEN", "retire");
    assertThat(synced.getFirst().generation()).isEqualTo(sample.generation + 1);
  }

  @Test
  void itsOwnDeletionPolicyDecidesAndNotTheOneBefore() {
    syncs.add(new SyncOutcome.Applied(sample.gathered()));

    retire(last(sample.generation + 1, "deletionPolicy: Delete"));

    assertThat(asked).containsExactly("gather", "sync ARCHIVED", "retire");
    assertThat(synced.getFirst().deletionPolicy()).isEqualTo(DeletionPolicy.DELETE);
  }

  @Test
  void whatWasDealtWithIsNotDeclaredOnceMore() {
    sample.state = State.FROZEN;

    retire(last(sample.generation, "plan: Scale, dailyBudgetUsd: 7"));

    assertThat(asked).containsExactly("gather", "retire");
  }

  @Test
  void aGenerationThatIsRefusedLeavesTheLastAcceptedOne() {
    retire(last(sample.generation + 1, "plan: Basic, userDailyBudgetUsd: 7"));

    assertThat(asked).containsExactly("gather", "retire");
  }

  @Test
  void oneThatCannotBeReadIsNotAskedFor() {
    retire(last(sample.generation + 1, "plan: Scale, dailyBudgetUsd: much"));

    assertThat(asked).containsExactly("retire");
  }

  @Test
  void whatIsOvertakenIsDecidedAnew() {
    syncs.add(new SyncOutcome.Conflict());
    syncs.add(new SyncOutcome.Applied(sample.gathered()));

    retire(last(sample.generation + 1, "plan: Scale"));

    assertThat(asked).containsExactly("gather", "sync FROZEN", "gather", "sync FROZEN", "retire");
  }

  @Test
  void whatIsOvertakenAllTheTimeIsLeftToALaterTryAndNotRetired() {
    for (int i = 0; i < 100; i++) {
      syncs.add(new SyncOutcome.Conflict());
    }

    assertThatIllegalStateException()
        .isThrownBy(() -> retire(last(sample.generation + 1, "plan: Scale")))
        .withMessageContaining("changed by others all the time");
    assertThat(asked).doesNotContain("retire");
  }

  @Test
  void aControllerThatWasReplacedRetiresNothing() {
    syncs.add(new SyncOutcome.Fenced(Sample.EPOCH + 1));
    assertThatExceptionOfType(FencedException.class)
        .isThrownBy(() -> retire(last(sample.generation + 1, "plan: Scale")));
    assertThat(asked).doesNotContain("retire");

    retired = new SyncOutcome.Fenced(Sample.EPOCH + 1);
    assertThatExceptionOfType(FencedException.class)
        .isThrownBy(() -> retirement().byStoredPolicy(sample.manifest().identity()));
  }

  private Gathered retire(Workspace last) {
    return retirement().byLastGeneration(last);
  }

  private Retirement retirement() {
    DeclaredStore store =
        (DeclaredStore)
            Proxy.newProxyInstance(
                DeclaredStore.class.getClassLoader(),
                new Class<?>[] {DeclaredStore.class},
                (_, called, arguments) -> answer(called.getName(), arguments));
    return new Retirement(FENCE, store);
  }

  private Object answer(String called, Object[] arguments) {
    return switch (called) {
      case "gather" -> {
        asked.add(called);
        yield sample.gathered();
      }
      case "sync" -> {
        asked.add("sync " + arguments[2]);
        synced.add((Manifest) arguments[1]);
        yield syncs.remove();
      }
      case "retire" -> {
        asked.add(called);
        yield retired;
      }
      default -> throw new UnsupportedOperationException(called);
    };
  }

  private Workspace last(long generation, String spec) {
    return Serialization.unmarshal(
        """
        apiVersion: workspace-operator.dev/v1
        kind: Workspace
        metadata: {namespace: team, name: my-team, uid: %s, generation: %d}
        spec: {%s}
        """
            .formatted(sample.uid, generation, spec),
        Workspace.class);
  }
}
