package dev.workspaceoperator.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.port.ControllerFence;
import dev.workspaceoperator.workspace.port.DeclaredStore;
import dev.workspaceoperator.workspace.port.SyncOutcome;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What no real server can show at will; that it finds what vanished, ControllerFaultsIT shows. */
@EnableKubernetesMockClient
@SuppressWarnings("NullAway.Init") // The extension sets the fields.
class ComparisonTest {
  private static final ControllerFence FENCE = new ControllerFence("default", 1);
  private static final ResourceIdentity FORBIDDEN =
      new ResourceIdentity("default", "forbidden", "one");
  private static final ResourceIdentity GONE = new ResourceIdentity("default", "team", "one");

  private KubernetesMockServer server;
  private KubernetesClient client;

  private final AtomicInteger rounds = new AtomicInteger();
  private final AtomicInteger fenced = new AtomicInteger();
  private Set<String> managed = Set.of();
  private SyncOutcome outcome = new SyncOutcome.Applied(Sample.nothing());
  private final List<ResourceIdentity> frozen = new CopyOnWriteArrayList<>();

  @Test
  void aNamespaceWithoutRightsDoesNotHideWhatVanishedElsewhere() {
    answer(FORBIDDEN, 403);
    answer(GONE, 404);

    try (Comparison _ = start(() -> inOrder(FORBIDDEN, GONE))) {
      await().until(() -> !frozen.isEmpty());
    }

    assertThat(frozen).containsOnly(GONE);
    assertThat(rounds).hasValue(1);
  }

  /** A cache that lags says nothing: the API server itself is asked. */
  @Test
  void whatIsThereIsNotRetired() {
    answer(FORBIDDEN, 200);
    answer(GONE, 404);

    try (Comparison _ = start(() -> inOrder(FORBIDDEN, GONE))) {
      await().until(() -> !frozen.isEmpty());
    }

    assertThat(frozen).containsOnly(GONE);
  }

  @Test
  void whatLiesInNamespacesOfOthersIsNotAskedFor() throws InterruptedException {
    answer(GONE, 404);
    managed = Set.of("team");

    try (Comparison _ = start(() -> inOrder(FORBIDDEN, GONE))) {
      await().until(() -> !frozen.isEmpty());
    }

    assertThat(frozen).containsOnly(GONE);
    assertThat(server.getLastRequest().getPath()).contains("/namespaces/team/");
    assertThat(server.getRequestCount()).isEqualTo(1);
  }

  @Test
  void aControllerThatWasReplacedEnds() {
    answer(GONE, 404);
    outcome = new SyncOutcome.Fenced(2);

    try (Comparison _ = start(() -> Map.of(GONE, 1L))) {
      await().until(() -> fenced.get() == 1);
    }
  }

  private static Map<ResourceIdentity, Long> inOrder(
      ResourceIdentity first, ResourceIdentity second) {
    Map<ResourceIdentity, Long> present = new LinkedHashMap<>();
    present.put(first, 1L);
    present.put(second, 1L);
    return present;
  }

  @Test
  void anErrorIsFollowedByAnotherRound() {
    try (Comparison _ =
        start(() -> {
          if (rounds.get() == 1) {
            throw new NoClassDefFoundError("on purpose");
          }
          return Map.of();
        })) {
      await().until(() -> rounds.get() == 2);
    }
  }

  private Comparison start(Present present) {
    DeclaredStore store =
        (DeclaredStore)
            Proxy.newProxyInstance(
                DeclaredStore.class.getClassLoader(),
                new Class<?>[] {DeclaredStore.class},
                (_, called, arguments) -> {
                  if (called.getName().equals("retire")) {
                    frozen.add((ResourceIdentity) arguments[1]);
                    return outcome;
                  }
                  assertThat(called.getName()).isEqualTo("revisionsOfPresent");
                  rounds.incrementAndGet();
                  return present.revisions();
                });
    return new Comparison(FENCE, store, client, managed, new Attention(), fenced::incrementAndGet);
  }

  private void answer(ResourceIdentity identity, int code) {
    server
        .expect()
        .get()
        .withPath(
            "/apis/workspace-operator.dev/v1/namespaces/%s/workspaces/%s"
                .formatted(identity.namespace(), identity.name()))
        .andReturn(code, "{}")
        .always();
  }

  private interface Present {
    Map<ResourceIdentity, Long> revisions();
  }
}
