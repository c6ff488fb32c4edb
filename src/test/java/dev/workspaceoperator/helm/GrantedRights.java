package dev.workspaceoperator.helm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.RoleRef;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a ServiceAccount may do by the roles that it is bound to, and what it asked for by the API
 * server's audit log.
 *
 * @param granted every single right
 * @param asked every single request for a resource
 */
public record GrantedRights(Set<Right> granted, List<Request> asked) {

  /**
   * One verb on one resource.
   *
   * @param resource as in {@code workspaces.workspace-operator.dev/status}
   * @param name of the one object it is for; {@code *} for all
   */
  public record Right(String verb, String resource, String name) implements Comparable<Right> {
    boolean allows(Request request) {
      return verb.equals(request.verb())
          && resource.equals(request.resource())
          && (name.equals("*") || name.equals(request.name()));
    }

    @Override
    public int compareTo(Right other) {
      return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
      return verb + " " + resource + (name.equals("*") ? "" : " named " + name);
    }
  }

  /** One request, and whether it was allowed. */
  public record Request(String verb, String resource, String name, String decision) {}

  /** Reads both; {@code account} as in {@code system:serviceaccount:namespace:name}. */
  public static GrantedRights of(HelmCluster cluster, String account) throws IOException {
    try (KubernetesClient client = cluster.client()) {
      return new GrantedRights(granted(client, account), asked(cluster, account));
    }
  }

  /** Rights that are wider than anyone needs. */
  public List<Right> wildcards() {
    return granted.stream()
        .filter(right -> right.verb().equals("*") || right.resource().contains("*"))
        .toList();
  }

  public List<Right> ofSecrets() {
    return granted.stream().filter(right -> right.resource().startsWith("secrets")).toList();
  }

  /** Requests that were denied. */
  public List<Request> denied() {
    return asked.stream().filter(request -> !request.decision().equals("allow")).toList();
  }

  /** Rights without any request that needed them. */
  public List<Right> unused() {
    return granted.stream().filter(right -> asked.stream().noneMatch(right::allows)).toList();
  }

  private static Set<Right> granted(KubernetesClient client, String account) {
    Stream<PolicyRule> ofTheCluster =
        client.rbac().clusterRoleBindings().list().getItems().stream()
            .filter(binding -> isFor(binding.getSubjects(), account))
            .flatMap(binding -> rules(client, binding.getRoleRef(), ""));
    Stream<PolicyRule> ofNamespaces =
        client.rbac().roleBindings().inAnyNamespace().list().getItems().stream()
            .filter(binding -> isFor(binding.getSubjects(), account))
            .flatMap(binding ->
                rules(client, binding.getRoleRef(), binding.getMetadata().getNamespace()));
    return Stream.concat(ofTheCluster, ofNamespaces)
        .flatMap(GrantedRights::rights)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Stream<PolicyRule> rules(KubernetesClient client, RoleRef role, String namespace) {
    return role.getKind().equals("ClusterRole")
        ? client.rbac().clusterRoles().withName(role.getName()).require().getRules().stream()
        : client
            .rbac()
            .roles()
            .inNamespace(namespace)
            .withName(role.getName())
            .require()
            .getRules()
            .stream();
  }

  private static boolean isFor(List<Subject> subjects, String account) {
    return subjects.stream()
        .anyMatch(subject ->
            account.equals(
                "system:serviceaccount:" + subject.getNamespace() + ":" + subject.getName()));
  }

  private static Stream<Right> rights(PolicyRule rule) {
    List<String> names = rule.getResourceNames().isEmpty() ? List.of("*") : rule.getResourceNames();
    return rule.getVerbs().stream()
        .flatMap(verb ->
            rule.getApiGroups().stream()
                .flatMap(group ->
                    rule.getResources().stream()
                        .flatMap(resource ->
                            names.stream()
                                .map(name -> new Right(verb, inGroup(resource, group), name)))));
  }

  /** {@code workspaces/status} of a group as {@code workspaces.group/status}. */
  private static String inGroup(String resource, String group) {
    String[] parts = resource.split("/", 2);
    return parts[0]
        + (group.isEmpty() ? "" : "." + group)
        + (parts.length == 2 ? "/" + parts[1] : "");
  }

  private static List<Request> asked(HelmCluster cluster, String account) throws IOException {
    ObjectMapper json = new ObjectMapper();
    try (Stream<String> lines = Files.lines(cluster.server.auditLog())) {
      return lines
          .filter(line -> line.contains(account))
          .map(line -> read(json, line))
          .filter(event -> event.at("/user/username").asText().equals(account))
          .flatMap(event -> request(event).stream())
          .toList();
    }
  }

  private static JsonNode read(ObjectMapper json, String line) {
    try {
      return json.readTree(line);
    } catch (IOException e) {
      throw new IllegalStateException("the audit log has a broken line: " + line, e);
    }
  }

  /** Empty for what is no resource, such as discovery, which every account may read. */
  private static Optional<Request> request(JsonNode event) {
    JsonNode object = event.path("objectRef");
    String decision = event.at("/annotations/authorization.k8s.io~1decision").asText();
    if (object.isMissingNode()) {
      return decision.equals("allow")
          ? Optional.empty()
          : Optional.of(
              new Request(
                  event.path("verb").asText(), event.path("requestURI").asText(), "", decision));
    }
    String subresource = object.path("subresource").asText();
    String resource =
        object.path("resource").asText() + (subresource.isEmpty() ? "" : "/" + subresource);
    return Optional.of(
        new Request(
            event.path("verb").asText(),
            inGroup(resource, object.path("apiGroup").asText()),
            object.path("name").asText(),
            decision));
  }
}
