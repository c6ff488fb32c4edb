package dev.workspaceoperator.controller;

import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.loop.Loop;
import dev.workspaceoperator.metric.Metric;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells which of the managed namespaces are not served, and why: one without rights, or one that is
 * gone, must not keep the others from being served, nor be passed over in silence. Their informers
 * try again by themselves.
 */
final class NamespaceWatch implements AutoCloseable {
  /** How often it is looked. */
  static final Duration EVERY = Duration.ofSeconds(2);

  /** A watch that ends in good order is down for a moment: once is no news. */
  private static final int LOOKS_UNTIL_TOLD = 2;

  private static final Logger log = LoggerFactory.getLogger(NamespaceWatch.class);

  private final KubernetesClient client;
  private final Set<String> namespaces;
  private final Supplier<Set<String>> unhealthy;
  private final Map<String, Integer> looksDown = new ConcurrentHashMap<>();
  private final Map<String, String> told = new HashMap<>();
  private final Thread thread;

  /**
   * Starts looking.
   *
   * @param unhealthy those namespaces whose informer has no list, or no watch, now
   */
  NamespaceWatch(
      KubernetesClient client,
      Set<String> namespaces,
      Supplier<Set<String>> unhealthy,
      MeterRegistry metrics) {
    this.client = client;
    this.namespaces = namespaces;
    this.unhealthy = unhealthy;
    for (String namespace : namespaces) {
      Metric.NAMESPACE_SERVED.gauge(metrics, () -> isServed(namespace) ? 1 : 0, namespace);
    }
    this.thread =
        Thread.ofPlatform()
            .daemon()
            .name("namespace-watch")
            .start(Loop.kept("namespace-watch", this::run));
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private boolean isServed(String namespace) {
    return looksDown.getOrDefault(namespace, 0) < LOOKS_UNTIL_TOLD;
  }

  private void run() throws InterruptedException {
    while (true) {
      Set<String> down = unhealthy.get();
      for (String namespace : namespaces) {
        if (down.contains(namespace)) {
          looksDown.merge(namespace, 1, Integer::sum);
          tell(namespace);
        } else {
          looksDown.remove(namespace);
          if (told.remove(namespace) != null) {
            log.atInfo().addKeyValue("namespace", namespace).log("The namespace is served");
          }
        }
      }
      Thread.sleep(EVERY);
    }
  }

  /** Once for each cause. */
  private void tell(String namespace) {
    if (isServed(namespace)) {
      return;
    }
    String cause = cause(namespace);
    if (!cause.equals(told.put(namespace, cause))) {
      log.atWarn()
          .addKeyValue("namespace", namespace)
          .addKeyValue("cause", cause)
          .log(
              "The namespace is not served: what changes there is not in force; it is tried again"
                  + " until it is. Give this account the chart's rights there, or take the"
                  + " namespace out of --namespaces");
    }
  }

  private String cause(String namespace) {
    try {
      var _ =
          client
              .resources(Workspace.class)
              .inNamespace(namespace)
              .list(new ListOptionsBuilder().withLimit(1L).build());
      return "its Workspaces are not watched";
    } catch (KubernetesClientException e) {
      return e.getStatus() == null || e.getStatus().getMessage() == null
          ? String.valueOf(e.getMessage())
          : e.getStatus().getMessage();
    }
  }
}
