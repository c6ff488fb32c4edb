package dev.workspaceoperator.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.workspaceoperator.app.Cluster;
import dev.workspaceoperator.auth.ApiKey;
import dev.workspaceoperator.env.CommandResult;
import dev.workspaceoperator.model.Action.Tool;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/** The resources, changed by kubectl or by a client that is faster to start. */
public final class AppliedManifests implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String API_VERSION = "workspace-operator.dev/v1";

  private final Cluster cluster;
  private final KubernetesClient client;

  AppliedManifests(Cluster cluster) {
    this.cluster = cluster;
    this.client =
        new KubernetesClientBuilder()
            .withConfig(Config.fromKubeconfig(cluster.server.kubeconfig().toFile()))
            .build();
  }

  /** Makes a resource, or makes all of its spec this. */
  ModelAnswer apply(Action.Apply operation, Map<String, ApiKey> secrets)
      throws InterruptedException {
    boolean exists = read(operation.team()).isPresent();
    String json = manifest(operation, secrets, exists).toString();
    ModelAnswer done = exists ? ModelAnswer.OK : ModelAnswer.CREATED;
    if (operation.tool() == Tool.KUBECTL) {
      CommandResult result =
          exists
              ? cluster.kubectl("patch", "ws", operation.team(), "--type=merge", "-p", json)
              : cluster.kubectlWithInput(json, "apply", "-f", "-");
      if (result.exitCode() == 0) {
        return done;
      }
      if (result.stderr().contains("is invalid")) {
        return ModelAnswer.INVALID;
      }
      throw new AssertionError(result.toString());
    }
    try {
      if (exists) {
        resource(operation.team()).patch(PatchContext.of(PatchType.JSON_MERGE), json);
      } else {
        client.resource(json).inNamespace(cluster.namespace).create();
      }
      return done;
    } catch (KubernetesClientException e) {
      if (e.getCode() == ModelAnswer.INVALID.status()) {
        return ModelAnswer.INVALID;
      }
      throw e;
    }
  }

  /** Deletes a resource and waits until it is gone. */
  ModelAnswer delete(Action.Delete operation) throws InterruptedException {
    if (operation.tool() == Tool.KUBECTL) {
      cluster.kubectl("delete", "ws", operation.team(), "--timeout=20s").orThrow();
    } else {
      resource(operation.team()).withTimeout(20, TimeUnit.SECONDS).delete();
    }
    return ModelAnswer.OK;
  }

  Optional<JsonNode> read(String team) {
    return Optional.ofNullable(resource(team).get()).map(it -> JSON.valueToTree(it));
  }

  /** How many events of this reason there are, by workspace. */
  Map<String, Integer> events(String reason) {
    Map<String, Integer> counts = new TreeMap<>();
    client.events().v1().events().inNamespace(cluster.namespace).list().getItems().stream()
        .filter(event -> event.getReason().equals(reason))
        .forEach(event -> counts.merge(event.getRegarding().getName(), 1, Integer::sum));
    return counts;
  }

  private Resource<GenericKubernetesResource> resource(String team) {
    return client
        .genericKubernetesResources(API_VERSION, "Workspace")
        .inNamespace(cluster.namespace)
        .withName(team);
  }

  /** In a merge patch, what the manifest does not say is null. */
  private ObjectNode manifest(
      Action.Apply operation, Map<String, ApiKey> secrets, boolean asPatch) {
    Spec spec = operation.spec();
    ObjectNode manifest = JSON.createObjectNode();
    manifest.put("apiVersion", API_VERSION).put("kind", "Workspace");
    manifest
        .putObject("metadata")
        .put("name", operation.team())
        .put("namespace", cluster.namespace);
    ObjectNode said = manifest.putObject("spec");
    if (spec.plan() != Tier.BASIC) {
      said.put("plan", spec.plan().label);
    }
    for (Field field : Field.values()) {
      Object value = spec.values().get(field);
      if (value instanceof Integer cap) {
        said.put(field.spec, cap);
      } else if (value != null && field.isBudget() && value.toString().matches("\\d+")) {
        said.put(field.spec, new BigDecimal(value.toString()).intValueExact());
      } else if (value != null) {
        said.put(field.spec, value.toString());
      }
    }
    spec.killSwitch().ifPresent(it -> said.put("killSwitch", it));
    spec.slug().ifPresent(it -> said.put("slug", it));
    if (spec.delete()) {
      said.put("deletionPolicy", "Delete");
    }
    if (!spec.keys().isEmpty()) {
      ArrayNode keys = said.putArray("apiKeys");
      for (String label : new TreeSet<>(spec.keys())) {
        ObjectNode key = keys.addObject().put("name", label);
        key.put("sha256", Optional.ofNullable(secrets.get(label)).orElseThrow().digest().hex());
        key.putArray("scopes").add("workspace:read");
      }
    }
    if (asPatch) {
      for (String field :
          new String[] {
            "plan",
            "name",
            "dailyBudgetUsd",
            "userDailyBudgetUsd",
            "maxConcurrentRuns",
            "killSwitch",
            "slug",
            "deletionPolicy",
            "apiKeys"
          }) {
        if (!said.has(field)) {
          said.putNull(field);
        }
      }
    }
    return manifest;
  }

  @Override
  public void close() {
    client.close();
  }
}
