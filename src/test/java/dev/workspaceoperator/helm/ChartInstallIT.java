package dev.workspaceoperator.helm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.env.CommandResult;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What {@code helm install} leaves in a cluster. */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
class ChartInstallIT {
  private static HelmCluster cluster;

  @BeforeAll
  static void install() throws InterruptedException {
    cluster = HelmCluster.get();
  }

  @Test
  void theCustomResourceIsThatOfThisRepositoryAndIsKept() throws InterruptedException {
    assertThat(cluster.server.kubectl("diff", "--server-side", "--force-conflicts", "-f", "crds/"))
        .satisfies(diff ->
            assertThat(diff.stdout().lines().filter(line -> line.matches("[-+] .*")))
                .allMatch(line -> line.contains("generation:"), diff.stdout() + diff.stderr()));
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
  void everyRoleAndThePolicyAreThere() throws InterruptedException {
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
    assertThat(
            cluster
                .server
                .kubectl(
                    "get",
                    "validatingadmissionpolicies,validatingadmissionpolicybindings",
                    "-o",
                    "jsonpath={.items[*].metadata.name} {.items[*].status.typeChecking}")
                .orThrow())
        .startsWith("workspace-operator-plan-assignment workspace-operator-plan-assignment")
        .doesNotContain("expressionWarnings");
  }
}
