package dev.workspaceoperator.bench;

import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.crd.WorkspaceStatus;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;

/** What 16 users at the same time do to the API server, with the client that the operator uses. */
final class ClusterUsers implements AutoCloseable {
  static final int WORKERS = 16;

  private static final PatchContext APPLY =
      new PatchContext.Builder()
          .withPatchType(PatchType.SERVER_SIDE_APPLY)
          .withFieldManager("bench")
          .withForce(true)
          .build();

  private final KubernetesClient client;

  ClusterUsers(Path kubeconfig) {
    client =
        new KubernetesClientBuilder()
            .withConfig(Config.fromKubeconfig(kubeconfig.toFile()))
            .build();
  }

  void createNamespace(String name) {
    client
        .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
        .create();
  }

  /** Creates {@code count} Workspaces; returns the seconds that it took. */
  double create(String namespace, int count) throws InterruptedException {
    return timed(
        count,
        i -> {
          String json =
              """
              {"apiVersion":"workspace-operator.dev/v1","kind":"Workspace",
               "metadata":{"namespace":"%s","name":"%s"},
               "spec":{"name":"Team %d","plan":"Scale","dailyBudgetUsd":100,
                       "userDailyBudgetUsd":"2.50","maxConcurrentRuns":10,"killSwitch":false}}
              """
                  .formatted(namespace, name(namespace, i), i);
          client.resource(Serialization.unmarshal(json, Workspace.class)).create();
        });
  }

  /** Changes the daily budget of each, one request each; returns the seconds that it took. */
  double change(String namespace, int count, int budget) throws InterruptedException {
    return timed(
        count,
        i -> {
          String json =
              """
              {"apiVersion":"workspace-operator.dev/v1","kind":"Workspace",
               "metadata":{"namespace":"%s","name":"%s"},"spec":{"dailyBudgetUsd":%d}}
              """
                  .formatted(namespace, name(namespace, i), budget);
          Workspace patch = Serialization.unmarshal(json, Workspace.class);
          workspace(namespace, i).patch(APPLY, patch);
        });
  }

  /** What the operator writes, and nothing else: a status by server-side apply. */
  double patchStatus(String namespace, int count, WorkspaceStatus template, long generation)
      throws InterruptedException {
    WorkspaceStatus status =
        new WorkspaceStatus(
            generation,
            template.id(),
            template.slug(),
            template.plan(),
            template.effective(),
            template.killSwitch(),
            template.usage(),
            template.audit(),
            template.conditions());
    return timed(
        count,
        i -> {
          Workspace patch = new Workspace();
          patch.setMetadata(
              new ObjectMetaBuilder()
                  .withNamespace(namespace)
                  .withName(name(namespace, i))
                  .build());
          patch.setStatus(status);
          workspace(namespace, i).subresource("status").patch(APPLY, patch);
        });
  }

  /** The status of the first Workspace of a namespace. */
  WorkspaceStatus status(String namespace) {
    return Objects.requireNonNull(workspace(namespace, 0).get().getStatus());
  }

  boolean isFirstReady(String namespace) {
    return isReady(workspace(namespace, 0).get());
  }

  /** How many are not Ready as of their newest generation. */
  long unready(String namespace) {
    return list(namespace).stream().filter(workspace -> !isReady(workspace)).count();
  }

  /** Which resource is at which version: equal maps mean that nothing was written between. */
  Map<String, String> versions(String namespace) {
    return list(namespace).stream()
        .map(Workspace::getMetadata)
        .collect(Collectors.toMap(meta -> meta.getName(), meta -> meta.getResourceVersion()));
  }

  private List<Workspace> list(String namespace) {
    return client.resources(Workspace.class).inNamespace(namespace).list().getItems();
  }

  private Resource<Workspace> workspace(String namespace, int index) {
    return client
        .resources(Workspace.class)
        .inNamespace(namespace)
        .withName(name(namespace, index));
  }

  /** Also the slug, which is unique in the installation. */
  private static String name(String namespace, int index) {
    return namespace + "-" + index;
  }

  private static boolean isReady(Workspace workspace) {
    WorkspaceStatus status = workspace.getStatus();
    return status != null
        && workspace.getMetadata().getGeneration().equals(status.observedGeneration())
        && status.conditions() != null
        && status.conditions().stream()
            .anyMatch(it -> it.type().equals("Ready") && it.status().equals("True"));
  }

  private static double timed(int count, IntConsumer work) throws InterruptedException {
    AtomicInteger next = new AtomicInteger();
    long startedAtNanos = System.nanoTime();
    try (ExecutorService workers = Executors.newFixedThreadPool(WORKERS)) {
      List<Future<?>> all = new ArrayList<>();
      for (int worker = 0; worker < WORKERS; worker++) {
        all.add(
            workers.submit(() -> {
              for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                work.accept(i);
              }
            }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
    return (System.nanoTime() - startedAtNanos) / 1e9;
  }

  @Override
  public void close() {
    client.close();
  }
}
