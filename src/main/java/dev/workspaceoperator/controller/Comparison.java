package dev.workspaceoperator.controller;

import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.loop.Loop;
import dev.workspaceoperator.loop.Pause;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.port.ControllerFence;
import dev.workspaceoperator.workspace.port.DeclaredStore;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the store with the cluster, so that a lost notification and a deletion that nobody saw
 * cost time, never correctness (design.md §4 and §8).
 */
final class Comparison implements AutoCloseable {
  /** How often revisions are compared. */
  static final Duration REVISIONS_EVERY = Duration.ofSeconds(30);

  /** How often it is asked which resources are gone; also right at the start. */
  static final Duration VANISHED_EVERY = Duration.ofMinutes(10);

  private static final Duration AFTER_FAILURE = Duration.ofSeconds(5);
  private static final Logger log = LoggerFactory.getLogger(Comparison.class);

  private final ControllerFence fence;
  private final DeclaredStore store;
  private final Retirement retirement;
  private final KubernetesClient client;
  private final Set<String> namespaces;
  private final Attention attention;
  private final Runnable onFenced;
  private final Thread thread;
  private volatile boolean closed;

  /**
   * Starts comparing.
   *
   * @param namespaces those that are managed; empty for all
   */
  Comparison(
      ControllerFence fence,
      DeclaredStore store,
      KubernetesClient client,
      Set<String> namespaces,
      Attention attention,
      Runnable onFenced) {
    this.fence = fence;
    this.store = store;
    this.retirement = new Retirement(fence, store);
    this.client = client;
    this.namespaces = namespaces;
    this.attention = attention;
    this.onFenced = onFenced;
    this.thread =
        Thread.ofPlatform().daemon().name("comparison").start(Loop.kept("comparison", this::run));
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }

  private void run() {
    long round = 0;
    long vanishedEveryRounds = VANISHED_EVERY.dividedBy(REVISIONS_EVERY);
    while (!closed) {
      try {
        Map<ResourceIdentity, Long> present = store.revisionsOfPresent(fence.cluster());
        compareRevisions(present);
        if (round % vanishedEveryRounds == 0) {
          present.keySet().stream()
              .filter(this::isManaged)
              .filter(identity -> !attention.isCached(identity))
              .forEach(this::lookFor);
        }
        round++;
        Thread.sleep(REVISIONS_EVERY);
      } catch (RuntimeException e) {
        // Whatever it was, the next round must still come: nobody else finds what was missed.
        log.atWarn().setCause(e).log("Store and cluster could not be compared; trying again");
        boolean _ = Pause.of(AFTER_FAILURE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      if (Thread.currentThread().isInterrupted()) {
        return;
      }
    }
  }

  private void compareRevisions(Map<ResourceIdentity, Long> present) {
    present.forEach(attention::changed);
  }

  private boolean isManaged(ResourceIdentity identity) {
    return namespaces.isEmpty() || namespaces.contains(identity.namespace());
  }

  /** One namespace without rights must not keep what vanished elsewhere from being found. */
  private void lookFor(ResourceIdentity identity) {
    try {
      retireIfGone(identity);
    } catch (KubernetesClientException e) {
      log.atWarn()
          .addKeyValue("namespace", identity.namespace())
          .addKeyValue("name", identity.name())
          .addKeyValue("cause", e.getMessage())
          .log("It is not known whether the resource is there; what it declared stays in force");
    }
  }

  /** Asked of the API server itself: a cache that lags must not retire anything. */
  private void retireIfGone(ResourceIdentity identity) {
    boolean exists =
        client
                .resources(Workspace.class)
                .inNamespace(identity.namespace())
                .withName(identity.name())
                .get()
            != null;
    if (exists) {
      attention.request(identity);
      return;
    }
    try {
      String state =
          retirement
              .byStoredPolicy(identity)
              .workspace()
              .map(workspace -> workspace.state().name().toLowerCase(Locale.ROOT))
              .orElse("unknown");
      log.atInfo()
          .addKeyValue("namespace", identity.namespace())
          .addKeyValue("name", identity.name())
          .addKeyValue("state", state)
          .log("The resource was deleted unseen; its workspace is as its deletion policy says");
    } catch (FencedException _) {
      onFenced.run();
    }
  }
}
