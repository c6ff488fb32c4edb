package dev.workspaceoperator.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.workspaceoperator.crd.WorkspaceCrd;
import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.SharedKubeApiServer;
import dev.workspaceoperator.helm.RightsCase.Before;
import dev.workspaceoperator.helm.RightsClient.Answer;
import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.Permission;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.rule.Loosening;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Holds the chart's policies, as it renders them, against {@link Loosening} on the real API server:
 * each change is accepted with the permissions that the rule tells, and with one of them missing it
 * is refused by that one's name.
 */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
class LooseningEquivalenceIT {
  private static final String UNREADABLE_GROUP = "loosening.example.com";
  private static final Set<Permission> EVERY =
      Stream.concat(
              Arrays.stream(Setting.values()).flatMap(setting -> setting.raising().stream()),
              Stream.of(
                  Permission.assign(Plan.PRO),
                  Permission.assign(Plan.SCALE),
                  Permission.assign(Plan.ENTERPRISE),
                  Permission.RELEASE_KILL_SWITCH,
                  Permission.DELETE_BOOKS,
                  Permission.grant(Scope.WORKSPACE_WRITE),
                  Permission.grant(Scope.WORKSPACE_OVERRIDE),
                  Permission.grant(Scope.KILL_SWITCH_WRITE),
                  Permission.grant(Scope.KEYS_WRITE)))
          .collect(Collectors.toUnmodifiableSet());

  private static KubeApiServer server;
  private static KubernetesClient administrator;
  private static RightsClient client;

  /** An installation: its policies judge one namespace. */
  private record Installation(String namespace, String values, Loosening rule) {}

  private static final Installation UNLIMITED =
      new Installation("loosening-unlimited", "", new Loosening(PlanDefaults.STANDARD));
  private static final Installation FIFTY =
      new Installation(
          "loosening-fifty",
          "\ndefaults: {dailyBudgetUsd: '50.000000', userDailyBudgetUsd: 5}",
          new Loosening(
              PlanDefaults.STANDARD.withBudgets(new Budget(50_000_000), new Budget(5_000_000))));

  @BeforeAll
  static void install() throws InterruptedException, IOException {
    server = SharedKubeApiServer.get();
    WorkspaceCrd.install(server);
    administrator =
        new KubernetesClientBuilder()
            .withConfig(Config.fromKubeconfig(Files.readString(server.kubeconfig())))
            .build();
    client = new RightsClient(administrator);
    List<String> namespaces = List.of(UNLIMITED.namespace(), FIFTY.namespace());
    for (String namespace : namespaces) {
      server.kubectl("create", "namespace", namespace).orThrow();
    }
    apply(RightsClient.roles(EVERY, namespaces));
    apply(policies(UNLIMITED, "workspace-operator.dev"));
    apply(policies(FIFTY, "workspace-operator.dev"));
  }

  @AfterAll
  static void close() throws InterruptedException {
    server
        .kubectl(
            "delete",
            "validatingadmissionpolicybindings,validatingadmissionpolicies",
            "-l",
            "test=loosening")
        .orThrow();
    administrator.close();
  }

  @Test
  void whereBudgetsAreUnlimitedByDefault() throws Exception {
    List<RightsCase> cases = new ArrayList<>(RightsCases.dailyBudgets());
    cases.addAll(RightsCases.userBudgets());
    cases.addAll(RightsCases.monthlyBudgets());
    cases.addAll(RightsCases.runCaps());
    cases.addAll(RightsCases.scopes());
    cases.addAll(RightsCases.killSwitchAndDeletion());
    assertNoDifference(UNLIMITED, cases);
  }

  @Test
  void whereTheInstallationHasBudgetsOfItsOwn() throws Exception {
    List<RightsCase> cases = new ArrayList<>(RightsCases.dailyBudgets());
    cases.addAll(RightsCases.userBudgets());
    cases.addAll(RightsCases.monthlyBudgets());
    cases.addAll(RightsCases.runCaps().stream().filter(it -> it.after() == null).toList());
    assertNoDifference(FIFTY, cases);
  }

  /** A workspace is the same when it is made anew, also in what the REST API set beneath. */
  @Test
  void whatRestSetBeneathALimitIsNotReachedByMakingItAnew() {
    String spec = "{\"plan\":\"Pro\",\"dailyBudgetUsd\":500%s}";
    Before daily = Before.of(spec.formatted(""));
    Before user = Before.of(spec.formatted(",\"userDailyBudgetUsd\":10"));
    make(FIFTY, "daily-anew", daily);
    make(FIFTY, "user-anew", user);
    Map<Before, String> names = Map.of(daily, "daily-anew", user, "user-anew");

    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> {
          Answer silent = send(FIFTY, new RightsCase(null, "{}"), names, Set.of());
          assertThat(silent.lacks(Permission.RAISE_DAILY)).as(silent.text()).isTrue();
          assertThat(silent.text())
              .contains(
                  "make a Workspace without spec.dailyBudgetUsd, where one of up to 50.000000 is"
                      + " free");
          Answer deleted = send(FIFTY, new RightsCase(user, null), names, Set.of());
          assertThat(deleted.lacks(Permission.RAISE_USER)).as(deleted.text()).isTrue();
        });
    assertThat(send(FIFTY, new RightsCase(daily, null), names, Set.of()).isAccepted()).isTrue();
    assertThat(
            send(FIFTY, new RightsCase(null, "{\"dailyBudgetUsd\":50}"), names, Set.of())
                .isAccepted())
        .isTrue();
  }

  /** The policies rely on nothing that the custom resource's schema refuses before them. */
  @Test
  void whatCannotBeReadIsAdmittedToNobody() throws InterruptedException, IOException {
    apply(Files.readString(Path.of("src/test/resources/helm/unread-workspaces.yaml")));
    apply(policies(UNLIMITED, UNREADABLE_GROUP));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> unread(Set.of(), "1").lacks(Permission.RAISE_DAILY));

    assertThat(
            List.of(
                "\"abc\"", "\"NaN\"", "\"-5\"", "-5", "\"1e3\"", "\"Inf\"", "\"\"", "true", "[]",
                "{}", "null"))
        .allSatisfy(value -> {
          Answer answer = unread(EVERY, value);
          assertThat(answer.isAccepted()).as(answer.text()).isFalse();
          assertThat(answer.text()).contains("workspace-operator-budget-raising");
        });
    assertThat(unread(EVERY, "\"abc\"").text())
        .contains("spec.dailyBudgetUsd must be a number from 0, in quotes if it has decimals");
  }

  private static Answer unread(Set<Permission> permissions, String dailyBudget) {
    return client.send(
        permissions,
        "POST",
        "/apis/%s/v1/namespaces/%s/workspaces?dryRun=All"
            .formatted(UNREADABLE_GROUP, UNLIMITED.namespace()),
        "application/json",
        "{\"apiVersion\":\"%s/v1\",\"kind\":\"Workspace\",\"metadata\":{\"name\":\"a\"},\"spec\":{\"dailyBudgetUsd\":%s}}"
            .formatted(UNREADABLE_GROUP, dailyBudget));
  }

  private static void assertNoDifference(Installation installation, List<RightsCase> cases)
      throws Exception {
    Map<Before, String> names = new LinkedHashMap<>();
    cases.stream()
        .map(RightsCase::before)
        .filter(before -> before != null)
        .distinct()
        .forEach(before -> names.put(before, "before-" + names.size()));
    inParallel(
        names.entrySet().stream()
            .<Callable<String>>map(
                entry -> () -> make(installation, entry.getValue(), entry.getKey()))
            .toList());
    Set<Permission> awaited = new HashSet<>();
    for (RightsCase each : cases) {
      Set<Permission> needed = each.needed(installation.rule());
      if (needed.size() == 1 && awaited.addAll(needed)) {
        await()
            .atMost(Duration.ofSeconds(60))
            .untilAsserted(() -> assertThat(difference(installation, each, names)).isEmpty());
      }
    }
    List<String> differences =
        inParallel(
            cases.stream()
                .<Callable<String>>map(each -> () -> difference(installation, each, names))
                .toList());
    assertThat(differences).hasSizeGreaterThan(100);
    assertThat(differences).filteredOn(text -> !text.isEmpty()).isEmpty();
  }

  private static String difference(
      Installation installation, RightsCase each, Map<Before, String> names) {
    Set<Permission> needed = each.needed(installation.rule());
    Answer withAll = send(installation, each, names, needed);
    if (!withAll.isAccepted()) {
      return "%s is refused with %s: %s".formatted(each, needed, withAll);
    }
    for (Permission missing : needed) {
      Set<Permission> others = new LinkedHashSet<>(needed);
      others.remove(missing);
      Answer withoutOne = send(installation, each, names, others);
      if (!withoutOne.lacks(missing)) {
        return "%s without %s: %s".formatted(each, missing, withoutOne);
      }
    }
    return "";
  }

  private static Answer send(
      Installation installation,
      RightsCase each,
      Map<Before, String> names,
      Set<Permission> permissions) {
    Before before = each.before();
    if (before == null) {
      return client.send(
          permissions,
          "POST",
          path(installation, "") + "?dryRun=All",
          "application/json",
          workspace("new", String.valueOf(each.after())));
    }
    String path = path(installation, "/" + names.get(before)) + "?dryRun=All";
    return each.after() == null
        ? client.send(permissions, "DELETE", path, "application/json", null)
        : client.send(
            permissions, "PATCH", path, "application/json-patch+json", replaceSpec(each.after()));
  }

  /** Also what a plan would not let anybody set anew is reached: by a downgrade. */
  private static String make(Installation installation, String name, Before before) {
    ObjectNode onTheHighestPlan = (ObjectNode) json(before.spec());
    onTheHighestPlan.put("plan", Plan.ENTERPRISE.label());
    client.sendAsAdministrator(
        "POST",
        path(installation, ""),
        "application/json",
        workspace(name, onTheHighestPlan.toString()));
    String path = path(installation, "/" + name);
    client.sendAsAdministrator(
        "PATCH", path, "application/json-patch+json", replaceSpec(before.spec()));
    client.sendAsAdministrator(
        "PATCH",
        path + "/status",
        "application/merge-patch+json",
        "{\"status\":%s}".formatted(before.status()));
    return "";
  }

  private static String path(Installation installation, String more) {
    return "/apis/workspace-operator.dev/v1/namespaces/%s/workspaces%s"
        .formatted(installation.namespace(), more);
  }

  private static String workspace(String name, String spec) {
    return "{\"apiVersion\":\"workspace-operator.dev/v1\",\"kind\":\"Workspace\",\"metadata\":{\"name\":\"%s\"},\"spec\":%s}"
        .formatted(name, spec);
  }

  private static String replaceSpec(String spec) {
    return "[{\"op\":\"replace\",\"path\":\"/spec\",\"value\":%s}]".formatted(spec);
  }

  /** The policies that the chart renders, for one namespace. */
  private static String policies(Installation installation, String group)
      throws InterruptedException {
    String rendered = new Chart().template(Chart.MINIMAL + installation.values()).orThrow();
    List<String> policies = new ArrayList<>();
    for (GenericKubernetesResource object : Chart.parseGeneric(rendered)) {
      if (object.getKind().startsWith("ValidatingAdmissionPolicy")) {
        ObjectNode copy = (ObjectNode) json(Serialization.asJson(object));
        String name = object.getMetadata().getName() + "." + installation.namespace() + "." + group;
        copy.putObject("metadata").put("name", name).putObject("labels").put("test", "loosening");
        ObjectNode spec = (ObjectNode) copy.get("spec");
        if (spec.has("policyName")) {
          spec.put("policyName", name);
          spec.putObject("matchResources")
              .putObject("namespaceSelector")
              .putObject("matchLabels")
              .put("kubernetes.io/metadata.name", installation.namespace());
        } else {
          ((ObjectNode) spec.at("/matchConstraints/resourceRules/0"))
              .putArray("apiGroups")
              .add(group);
        }
        policies.add(copy.toString());
      }
    }
    assertThat(policies).hasSize(10);
    // An older kubectl takes what begins with a brace for JSON alone.
    return "---\n" + String.join("\n---\n", policies);
  }

  private static JsonNode json(String text) {
    try {
      return new ObjectMapper().readTree(text);
    } catch (IOException e) {
      throw new AssertionError(text, e);
    }
  }

  private static void apply(String objects) throws InterruptedException {
    server.kubectlWithInput(objects, "apply", "--server-side", "-f", "-").orThrow();
  }

  private static List<String> inParallel(List<Callable<String>> tasks) throws Exception {
    List<String> answers = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (Future<String> answer : threads.invokeAll(tasks)) {
        answers.add(answer.get());
      }
    }
    return answers;
  }
}
