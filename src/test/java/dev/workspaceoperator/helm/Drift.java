package dev.workspaceoperator.helm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.ArrayList;
import java.util.List;

/**
 * What a GitOps tool that compares a manifest with the live object would hold against it for ever:
 * a value that is another one, and a field that the API server added within a list. Fields that it
 * adds elsewhere are no difference, since who sent none there does not own them.
 */
final class Drift {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<String> found = new ArrayList<>();

  private Drift() {}

  /**
   * The paths that differ.
   *
   * @param rendered as the chart has it
   * @param live as the API server answers
   */
  static List<String> between(GenericKubernetesResource rendered, GenericKubernetesResource live) {
    Drift drift = new Drift();
    JsonNode sent = JSON.valueToTree(rendered.getAdditionalProperties());
    JsonNode answered = JSON.valueToTree(live.getAdditionalProperties());
    // Allocated for each Service that listens on nodes; nobody could have sent it.
    answered.at("/spec/ports").forEach(port -> ((ObjectNode) port).remove("nodePort"));
    drift.compareFields(rendered.getKind(), sent, answered);
    return drift.found;
  }

  private void compareFields(String path, JsonNode sent, JsonNode answered) {
    for (String name : ChartValues.fieldNames(sent)) {
      if (!isKnownByItsKeys(path, name)) {
        compare(path + "." + name, sent.get(name), answered.path(name));
      }
    }
  }

  /**
   * The lists of a pod have keys (the container's name, the port's number), by which tools merge
   * them field by field; what is in stringData is never answered.
   */
  private static boolean isKnownByItsKeys(String path, String name) {
    return path.endsWith(".template")
        || path.equals("Pod")
        || (path.equals("Secret") && name.equals("stringData"));
  }

  private void compare(String path, JsonNode sent, JsonNode answered) {
    if (sent.isObject() && answered.isObject()) {
      compareFields(path, sent, answered);
    } else if (!sent.equals(answered)) {
      found.add("%s: %s became %s".formatted(path, sent, answered));
    }
  }
}
