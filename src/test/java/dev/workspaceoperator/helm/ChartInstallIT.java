package dev.workspaceoperator.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.env.CommandResult;
import dev.workspaceoperator.env.KubeControllerManager;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What {@code helm install} leaves in a cluster. */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
class ChartInstallIT {
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
            Chart.MINIMAL + "\nimage: {repository: 'registry.internal:5000/operator'}",
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
    assertThat(ofAnImage.orThrow())
        .contains("1. Wait until it is ready", "image: \"registry.internal:5000/operator:0.1.0\"")
        .doesNotContain("ImagePullBackOff");
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
            "clusterrole.rbac.authorization.k8s.io/workspace-operator-edit",
            "clusterrole.rbac.authorization.k8s.io/workspace-operator-plan-basic",
            "clusterrole.rbac.authorization.k8s.io/workspace-operator-plan-enterprise",
            "clusterrole.rbac.authorization.k8s.io/workspace-operator-plan-pro",
            "clusterrole.rbac.authorization.k8s.io/workspace-operator-plan-scale",
            "clusterrole.rbac.authorization.k8s.io/workspace-operator-view");
  }

  /** Kubernetes' own controller judges the expressions by the custom resource's schema. */
  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES) // The controllers are built when first needed.
  void theExpressionsOfThePolicyAreOfTheRightTypes() throws InterruptedException {
    try (KubeControllerManager _ =
        KubeControllerManager.start(cluster.server, line -> System.err.println(line))) {
      await()
          .atMost(JUDGED_WITHIN)
          .untilAsserted(
              () -> assertThat(ofThePolicy(".status.observedGeneration")).isEqualTo("1"));
    }
    assertThat(ofThePolicy(".status.typeChecking")).doesNotContain("expressionWarnings");
    assertThat(
            cluster
                .server
                .kubectl("get", "validatingadmissionpolicybindings", "-o", "name")
                .orThrow())
        .contains("/workspace-operator-plan-assignment");
  }

  private static String ofThePolicy(String path) throws InterruptedException {
    return cluster
        .server
        .kubectl(
            "get",
            "validatingadmissionpolicy",
            "workspace-operator-plan-assignment",
            "-o",
            "jsonpath={%s}".formatted(path))
        .orThrow();
  }
}
