package dev.workspaceoperator.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.crd.Workspace;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SlimItemStoreTest {
  private final SlimItemStore<Workspace> store = new SlimItemStore<>();

  @Test
  void itDropsWhatTheReconcilerNeverReadsAndKeepsTheRest() {
    Workspace workspace = workspace();
    workspace
        .getMetadata()
        .setAnnotations(
            new HashMap<>(
                Map.of("kubectl.kubernetes.io/last-applied-configuration", "{}", "owner", "anna")));
    String key = store.getKey(workspace);

    store.put(key, workspace);

    assertThat(key).isEqualTo("team/my-team");
    assertThat(store.get(key).getMetadata().getManagedFields()).isNullOrEmpty();
    assertThat(store.get(key).getMetadata().getAnnotations())
        .containsExactly(Map.entry("owner", "anna"));
    assertThat(store.get(key).getMetadata().getResourceVersion()).isEqualTo("17");
  }

  @Test
  void itKeepsAResourceWithoutAnnotations() {
    Workspace workspace = workspace();
    workspace.getMetadata().setAnnotations(null);
    store.put("team/my-team", workspace);
    assertThat(store.keySet()).containsExactly("team/my-team");
    assertThat(store.values()).hasSize(1);
    assertThat(store.remove("team/my-team")).isSameAs(workspace);
    assertThat(store.size()).isZero();
  }

  private static Workspace workspace() {
    Workspace workspace = new Workspace();
    workspace.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace("team")
            .withName("my-team")
            .withResourceVersion("17")
            .withManagedFields(new ManagedFieldsEntry())
            .build());
    return workspace;
  }
}
