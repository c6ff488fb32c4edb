package dev.workspaceoperator.helm;

import dev.workspaceoperator.workspace.Permission;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests of somebody who may edit Workspaces and has some permissions besides. Each is
 * bound to a group, so that any set of them is a matter of the request's headers.
 */
final class RightsClient {
  static final String USER = "somebody";
  static final String EDITORS = "editors";

  private final KubernetesClient administrator;

  RightsClient(KubernetesClient administrator) {
    this.administrator = administrator;
  }

  /** An answer: its status code, and its text. */
  record Answer(int code, String text) {
    boolean isAccepted() {
      return code < 300;
    }

    /** Whether it is refused for want of exactly this, and says so by name. */
    boolean lacks(Permission permission) {
      return code == 403
          && text.contains(
              "it needs the verb %s on %s.workspace-operator.dev named %s, such as by"
                  .formatted(permission.verb(), permission.resource(), permission.name()));
    }
  }

  /** What binds the group of each permission to it; and who may edit in these namespaces. */
  static String roles(Collection<Permission> permissions, Collection<String> namespaces) {
    return Stream.concat(
            permissions.stream().map(RightsClient::role),
            namespaces.stream().map(RightsClient::editors))
        .collect(Collectors.joining("---\n"));
  }

  private static String role(Permission permission) {
    return """
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata: {name: %1$s}
    rules:
      - {apiGroups: [workspace-operator.dev], resources: [%2$s], resourceNames: [%3$s], verbs: [%4$s]}
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata: {name: %1$s}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: %1$s}
    subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: %1$s}]
    """
        .formatted(group(permission), permission.resource(), permission.name(), permission.verb());
  }

  private static String editors(String namespace) {
    return """
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata: {name: %2$s, namespace: %1$s}
    rules:
      - {apiGroups: ["*"], resources: [workspaces], verbs: ["*"]}
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata: {name: %2$s, namespace: %1$s}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: %2$s}
    subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: %2$s}]
    """
        .formatted(namespace, EDITORS);
  }

  /** Sends one request with these permissions. */
  Answer send(
      Collection<Permission> permissions,
      String method,
      String path,
      String contentType,
      @Nullable String body) {
    HttpRequest.Builder request = request(method, path, contentType, body);
    request.header("Impersonate-User", USER).header("Impersonate-Group", EDITORS);
    permissions.forEach(permission -> request.header("Impersonate-Group", group(permission)));
    return answer(request);
  }

  /** Sends one request as this user. */
  Answer sendAs(
      String user, String method, String path, String contentType, @Nullable String body) {
    return answer(request(method, path, contentType, body).header("Impersonate-User", user));
  }

  /** Sends one request that nothing refuses. */
  void sendAsAdministrator(String method, String path, String contentType, String body) {
    Answer answer = answer(request(method, path, contentType, body));
    if (!answer.isAccepted()) {
      throw new AssertionError(answer.toString());
    }
  }

  private HttpRequest.Builder request(
      String method, String path, String contentType, @Nullable String body) {
    return administrator
        .getHttpClient()
        .newHttpRequestBuilder()
        .uri(administrator.getMasterUrl().toString().replaceFirst("/$", "") + path)
        .method(method, contentType, body);
  }

  private Answer answer(HttpRequest.Builder request) {
    HttpResponse<String> response =
        administrator.getHttpClient().sendAsync(request.build(), String.class).join();
    return new Answer(response.code(), response.body());
  }

  private static String group(Permission permission) {
    return "may-" + permission.toString().toLowerCase(Locale.ROOT).replaceAll("[ /]", "-");
  }
}
