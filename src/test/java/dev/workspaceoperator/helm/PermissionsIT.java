package dev.workspaceoperator.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.helm.RightsClient.Answer;
import dev.workspaceoperator.workspace.Permission;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.Setting;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Who may give a workspace more is a matter of Kubernetes permissions (design.md §13): each subject
 * tries each right in every way there is to change a resource.
 */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
class PermissionsIT {
  private static final String NAMESPACE = "permissions";
  private static final String PATH =
      "/apis/workspace-operator.dev/v1/namespaces/" + NAMESPACE + "/workspaces";
  private static final String JSON_PATCH = "application/json-patch+json";
  private static final String MERGE_PATCH = "application/merge-patch+json";
  private static final String APPLY = "application/apply-patch+yaml";
  private static final Set<Permission> NONE = Set.of();
  private static final Set<Permission> RAISES =
      Arrays.stream(Setting.values())
          .flatMap(setting -> setting.raising().stream())
          .collect(Collectors.toUnmodifiableSet());
  private static final Set<Permission> GRANTS =
      Set.of(
          Permission.grant(Scope.WORKSPACE_WRITE),
          Permission.grant(Scope.WORKSPACE_OVERRIDE),
          Permission.grant(Scope.KILL_SWITCH_WRITE),
          Permission.grant(Scope.KEYS_WRITE));
  private static final Set<Permission> ALL =
      union(
          RAISES,
          GRANTS,
          Set.of(
              Permission.RELEASE_KILL_SWITCH,
              Permission.DELETE_BOOKS,
              Permission.assign(Plan.SCALE),
              Permission.assign(Plan.ENTERPRISE)));

  private static HelmCluster cluster;
  private static KubernetesClient administrator;
  private static RightsClient client;

  /**
   * Who tries.
   *
   * @param user his name
   * @param holds what he holds besides edit
   */
  private record Subject(String user, Set<Permission> holds) {}

  private static final List<Subject> SUBJECTS =
      List.of(
          // Has what the cluster's role edit takes in.
          new Subject("editor", NONE),
          // May do everything in the namespace.
          new Subject("namespace-admin", NONE),
          // Has the chart's role for budgets besides edit.
          new Subject("raiser", RAISES),
          // Has the chart's role for scopes besides.
          new Subject("granter", GRANTS),
          // Has all of the chart's roles besides.
          new Subject("holder", ALL),
          new Subject("cluster-admin", ALL));

  /** A request; every one is a dry run. */
  private record Request(String method, String path, String contentType, @Nullable String body) {}

  /** One or more requests, of which all must be accepted, and what they need. */
  private record Way(String title, Set<Permission> needed, List<Request> requests) {}

  @BeforeAll
  static void grant() throws InterruptedException {
    cluster = HelmCluster.get();
    cluster.prepareNamespace(NAMESPACE);
    administrator = cluster.client();
    client = new RightsClient(administrator);
    cluster.server.kubectl("apply", "-f", "src/test/resources/helm/permissions.yaml").orThrow();
    for (GivenRight right : GivenRight.EVERY) {
      for (String name : List.of(right.resourceName(), right.resourceName() + "-shared")) {
        String path = PATH + "/" + name + "?fieldManager=";
        String body = workspace(name, right.spec(right.value()));
        client.sendAsAdministrator("PATCH", path + "owner", APPLY, body);
        if (name.endsWith("-shared")) {
          client.sendAsAdministrator("PATCH", path + "co-owner", APPLY, body);
        }
        client.sendAsAdministrator(
            "PATCH",
            PATH + "/" + name + "/status",
            MERGE_PATCH,
            "{\"status\":{\"usage\":{\"spentUsd\":\"0.25\"}}}");
      }
    }
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() ->
            SUBJECTS.stream()
                .allMatch(subject -> mismatches(GivenRight.EVERY.getFirst(), subject).isEmpty()));
  }

  @AfterAll
  static void close() {
    administrator.close();
  }

  static List<GivenRight> everyRight() {
    return GivenRight.EVERY;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("everyRight")
  void whoeverHoldsItMayGiveItInEveryWayAndNobodyElse(GivenRight right) {
    List<String> mismatches = new ArrayList<>();
    for (Subject subject : SUBJECTS) {
      mismatches.addAll(mismatches(right, subject));
    }
    assertThat(mismatches).isEmpty();
  }

  private static List<String> mismatches(GivenRight right, Subject subject) {
    List<String> mismatches = new ArrayList<>();
    for (Way way : ways(right)) {
      Set<Permission> missing = new HashSet<>(way.needed());
      missing.removeAll(subject.holds());
      Answer answer = new Answer(0, "");
      for (Request request : way.requests()) {
        if (answer.isAccepted()) {
          answer =
              client.sendAs(
                  subject.user(),
                  request.method(),
                  request.path(),
                  request.contentType(),
                  request.body());
        }
      }
      if (missing.isEmpty()
          ? !answer.isAccepted()
          : missing.stream().noneMatch(answer::lacks)
              || !answer.text().contains("user " + subject.user() + " may not ")) {
        mismatches.add(
            "%s, %s, missing %s: %s".formatted(subject.user(), way.title(), missing, answer));
      }
    }
    return mismatches;
  }

  private static List<Way> ways(GivenRight right) {
    Set<Permission> itself = Set.of(right.permission());
    Set<Permission> forRemoval = right.isLoosenedByRemoval() ? itself : NONE;
    Set<Permission> forDeletion =
        right.permission().equals(Permission.RELEASE_KILL_SWITCH) ? itself : NONE;
    List<Way> ways = new ArrayList<>();
    ways.add(new Way("create", right.neededToCreate(), List.of(create("new", right.created()))));
    ways.add(
        new Way(
            "delete and create anew",
            union(forDeletion, right.neededToCreate()),
            List.of(
                new Request("DELETE", path(right, "", ""), "application/json", null),
                create("anew", right.created()))));
    for (String looser : right.looser()) {
      ways.addAll(changes(right, looser, itself));
    }
    for (String free : right.free()) {
      ways.addAll(changes(right, free, NONE));
    }
    ways.add(
        new Way(
            "remove",
            forRemoval,
            List.of(
                new Request(
                    "PATCH",
                    path(right, "", ""),
                    JSON_PATCH,
                    "[{\"op\":\"remove\",\"path\":\"/spec/%s\"}]".formatted(right.field())))));
    ways.add(new Way("null", forRemoval, List.of(merge(right, "null"))));
    ways.add(new Way("replace without it", forRemoval, List.of(replace(right, ""))));
    ways.add(
        new Way(
            "its owner applies without it",
            forRemoval,
            List.of(apply(right, "", "owner", right.spec("")))));
    ways.add(
        new Way(
            "a co-owner applies without it",
            NONE,
            List.of(apply(right, "-shared", "co-owner", right.spec("")))));
    ways.add(
        new Way(
            "metadata",
            NONE,
            List.of(
                new Request(
                    "PATCH",
                    path(right, "", ""),
                    MERGE_PATCH,
                    "{\"metadata\":{\"labels\":{\"a\":\"b\"},\"finalizers\":[\"example.com/f\"]}}"))));
    return ways;
  }

  private static List<Way> changes(GivenRight right, String value, Set<Permission> needed) {
    return List.of(
        new Way("patch to " + value, needed, List.of(merge(right, value))),
        new Way("replace with " + value, needed, List.of(replace(right, value))),
        new Way(
            "a second manager applies " + value,
            needed,
            List.of(apply(right, "", "second", right.spec(value)))));
  }

  private static Request create(String name, String spec) {
    return new Request("POST", PATH + "?dryRun=All", "application/json", workspace(name, spec));
  }

  private static Request merge(GivenRight right, String value) {
    return new Request(
        "PATCH",
        path(right, "", ""),
        MERGE_PATCH,
        "{\"spec\":{\"%s\":%s}}".formatted(right.field(), value));
  }

  /** As {@code kubectl replace} does it. */
  private static Request replace(GivenRight right, String value) {
    String version =
        administrator
            .genericKubernetesResources("workspace-operator.dev/v1", "Workspace")
            .inNamespace(NAMESPACE)
            .withName(right.resourceName())
            .get()
            .getMetadata()
            .getResourceVersion();
    return new Request(
        "PUT",
        path(right, "", ""),
        "application/json",
        workspace(right.resourceName(), right.spec(value))
            .replaceFirst("\"metadata\":\\{", "$0\"resourceVersion\":\"" + version + "\","));
  }

  private static Request apply(GivenRight right, String suffix, String manager, String spec) {
    return new Request(
        "PATCH",
        path(right, suffix, "&force=true&fieldManager=" + manager),
        APPLY,
        workspace(right.resourceName() + suffix, spec));
  }

  private static String path(GivenRight right, String suffix, String parameters) {
    return "%s/%s%s?dryRun=All%s".formatted(PATH, right.resourceName(), suffix, parameters);
  }

  private static String workspace(String name, String spec) {
    return "{\"apiVersion\":\"workspace-operator.dev/v1\",\"kind\":\"Workspace\",\"metadata\":{\"name\":\"%s\"},\"spec\":%s}"
        .formatted(name, spec);
  }

  @SafeVarargs
  private static Set<Permission> union(Set<Permission>... sets) {
    Set<Permission> union = new HashSet<>();
    for (Set<Permission> set : sets) {
      union.addAll(set);
    }
    return Set.copyOf(union);
  }
}
