package dev.workspaceoperator.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.workspaceoperator.env.CommandResult;
import dev.workspaceoperator.env.KubeControllerManager;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code helm install} leaves in a cluster. */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
class ChartInstallIT {
  private static final List<String> POLICIES =
      List.of(
          "workspace-operator-plan-assignment",
          "workspace-operator-budget-raising",
          "workspace-operator-scope-granting",
          "workspace-operator-kill-switch-release",
          "workspace-operator-books-deletion");
  private static final Duration JUDGED_WITHIN = Duration.ofSeconds(60);

  private static HelmCluster cluster;

  @BeforeAll
  static void install() throws InterruptedException {
    cluster = HelmCluster.get();
  }

  @Test
  void theCustomResourceIsThatOfThisRepositoryAndIsKept() throws InterruptedException {
    assertThat(cluster.server.kubectl("diff", "--server-side", "--force-conflicts", "-f", "crds/"))
        .satisfies(diff -> {
          assertThat(diff.exitCode()).as(diff.stderr()).isBetween(0, 1);
          assertThat(diff.stdout().lines().filter(line -> line.matches("[-+] .*")))
              .allMatch(line -> line.contains("generation:"), diff.stdout());
        });
    assertThat(
            cluster
                .server
                .kubectl(
                    "get",
                    "crd",
                    "workspaces.workspace-operator.dev",
                    "-o",
                    "jsonpath={.metadata.annotations.helm\\.sh/resource-policy}")
                .orThrow())
        .isEqualTo("keep");
  }

  @Test
  void whoeverLeftTheExampleOfAnImageIsToldSo() throws InterruptedException {
    String notes =
        cluster.helm.run("get", "notes", Chart.RELEASE, "--namespace=" + Chart.NAMESPACE).orThrow();
    CommandResult ofAnImage =
        cluster.helm.runWithInput(
            Chart.MINIMAL
                + "\n"
                + "image: {repository: 'registry.internal:5000/operator'}\n"
                + "api: {service: {port: 8080}, ingress: {enabled: true, host: x.y, tlsSecret: t}}",
            "install",
            "with-an-image",
            Chart.DIRECTORY.toString(),
            "--namespace=" + Chart.NAMESPACE,
            "--dry-run=client",
            "--values=-");

    assertThat(notes)
        .contains(
            "no image at registry.example.com/workspace-operator/workspace-operator",
            "--set image.repository=");
    assertThat(notes)
        .contains(
            "exec deployment/workspace-operator-api -- java -jar /app/workspace-operator.jar",
            "key create --workspace research --name first-agent --scopes workspace:read,runs:write"
                + " --expires-in P90D",
            "asks at http://workspace-operator-api.workspace-operator.svc. A pod needs no key");
    assertThat(ofAnImage.orThrow())
        .contains(
            "1. Wait until it is ready",
            "image: \"registry.internal:5000/operator:0.1.0\"",
            "asks at http://with-an-image-workspace-operator-api.workspace-operator.svc:8080, and"
                + " from outside at https://x.y.")
        .doesNotContain("ImagePullBackOff");
  }

  /** Also where the chart is a part of another one. */
  @Test
  void replicasThatAnAutoscalerSetSurviveAnUpgrade(@TempDir Path directory) throws Exception {
    UmbrellaChart umbrella =
        UmbrellaChart.make(
            directory.resolve("platform"),
            "condition: workspace-operator.enabled",
            """
            global: {region: eu}
            tags: {agents: true}
            workspace-operator:
              enabled: true
              crds: {enabled: false}
              permissions: {plans: false, budgets: false, scopes: false, killSwitch: false, deletion: false}
              userRoles: {enabled: false}
              watchNamespaces: [platform]
              database: {url: 'postgresql://u@h:5432/d', existingSecret: database}
            """);
    cluster.prepareNamespace("platform");

    assertThat(replicasAfter("install", umbrella, "{}")).isEqualTo("2");
    assertThat(replicasAfter("upgrade", umbrella, "{api: {replicas: null, resources: null}}"))
        .isEqualTo("1");
    cluster
        .server
        .kubectl(
            "-n", "platform", "scale", "deployment/platform-workspace-operator-api", "--replicas=3")
        .orThrow();
    assertThat(
            replicasAfter("upgrade", umbrella, "{api: {replicas: null}, logging: {level: debug}}"))
        .isEqualTo("3");
    assertThat(replicasAfter("upgrade", umbrella, "{api: {autoscaling: {enabled: true}}}"))
        .isEqualTo("3");
    cluster.helm.run("uninstall", "platform", "--namespace=platform").orThrow();
  }

  private static String replicasAfter(String command, UmbrellaChart umbrella, String values)
      throws InterruptedException {
    cluster
        .helm
        .runWithInput(
            "workspace-operator: " + values,
            command,
            "platform",
            umbrella.directory().toString(),
            "--namespace=platform",
            "--values=-")
        .orThrow();
    return cluster
        .server
        .kubectl(
            "-n",
            "platform",
            "get",
            "deployment",
            "platform-workspace-operator-api",
            "-o",
            "jsonpath={.spec.replicas}")
        .orThrow();
  }

  @Test
  void everyRoleIsThere() throws InterruptedException {
    assertThat(
            cluster
                .server
                .kubectl(
                    "get",
                    "clusterroles",
                    "-l",
                    "app.kubernetes.io/part-of,app.kubernetes.io/instance=" + Chart.RELEASE,
                    "-o",
                    "name")
                .orThrow()
                .lines())
        .containsExactly(
            "clusterrole.rbac.authorization.k8s.io/workspace-operator-controller",
            "clusterrole.rbac.authorization.k8s.io/workspace-operator-delete-books",
            "clusterrole.rbac.authorization.k8s.io/workspace-operator-edit",
            "clusterrole.rbac.authorization.k8s.io/workspace-operator-grant-scopes",
            "clusterrole.rbac.authorization.k8s.io/workspace-operator-plan-basic",
            "clusterrole.rbac.authorization.k8s.io/workspace-operator-plan-enterprise",
            "clusterrole.rbac.authorization.k8s.io/workspace-operator-plan-pro",
            "clusterrole.rbac.authorization.k8s.io/workspace-operator-plan-scale",
            "clusterrole.rbac.authorization.k8s.io/workspace-operator-raise-budgets",
            "clusterrole.rbac.authorization.k8s.io/workspace-operator-release-kill-switch",
            "clusterrole.rbac.authorization.k8s.io/workspace-operator-view");
  }

  /**
   * Kubernetes' own controller judges the expressions by the custom resource's schema, where the
   * version is named. Of a field that there is not it warns: so the judge is awake.
   */
  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES) // The controllers are built when first needed.
  void theExpressionsOfThePoliciesAreOfTheRightTypes() throws Exception {
    String bindings =
        cluster.server.kubectl("get", "validatingadmissionpolicybindings", "-o", "name").orThrow();
    try (KubeControllerManager _ =
        KubeControllerManager.start(cluster.server, line -> System.err.println(line))) {
      for (String policy : POLICIES) {
        String json =
            cluster
                .server
                .kubectl("get", "validatingadmissionpolicy", policy, "-o", "json")
                .orThrow();
        assertThat(warnings("judged", json)).as(policy).isEmpty();
        assertThat(bindings).contains("/" + policy);
      }
      String plans =
          cluster
              .server
              .kubectl("get", "validatingadmissionpolicy", POLICIES.getFirst(), "-o", "json")
              .orThrow();
      assertThat(warnings("of-a-missing-field", plans.replace("spec.plan ", "spec.plann ")))
          .contains("plann");
    }
  }

  /** What the controller says of a copy, which nothing binds. */
  private static String warnings(String name, String policy) throws Exception {
    ObjectNode copy = (ObjectNode) new ObjectMapper().readTree(policy);
    copy.remove("status");
    copy.putObject("metadata").put("name", name);
    ((ObjectNode) copy.at("/spec/matchConstraints/resourceRules/0"))
        .putArray("apiVersions")
        .add("v1");
    // It judges validations only, so the variables become such.
    for (JsonNode variable : copy.at("/spec/variables")) {
      copy.withArray("/spec/validations")
          .addObject()
          .put("expression", "[%s] != []".formatted(variable.path("expression").asText()));
    }
    cluster.server.kubectlWithInput(copy.toString(), "create", "-f", "-").orThrow();
    await()
        .atMost(JUDGED_WITHIN)
        .untilAsserted(() -> assertThat(status(name, "observedGeneration")).isEqualTo("1"));
    String warnings = status(name, "typeChecking.expressionWarnings");
    cluster.server.kubectl("delete", "validatingadmissionpolicy", name).orThrow();
    return warnings;
  }

  private static String status(String policy, String field) throws InterruptedException {
    return cluster
        .server
        .kubectl(
            "get",
            "validatingadmissionpolicy",
            policy,
            "-o",
            "jsonpath={.status.%s}".formatted(field))
        .orThrow();
  }
}
