package dev.workspaceoperator.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.workspaceoperator.env.CommandResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Every command that the pages about installing tell is run, in the order of an installation's
 * life.
 */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DocumentationIT {
  private static final String CRD = "workspaces.workspace-operator.dev";
  private static final String SPEC_PROPERTIES =
      "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties";
  private static final Path SECURITY = Path.of("docs", "security.md");
  private static final Pattern RIGHTS =
      Pattern.compile(
          "(<!-- Made by that command in a test; do not edit. -->\\n).*(<!-- End of what)",
          Pattern.DOTALL);

  private static HelmCluster cluster;

  /** What is the reader's own. */
  private static Map<String, String> readers;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    cluster = HelmCluster.empty();
    Path authority =
        Files.writeString(
            Files.createDirectories(cluster.helm.home()).resolve("authority.pem"),
            cluster.certificateAuthority());
    readers =
        Map.of(
            "IMAGE_REPOSITORY", "registry.example.com/workspace-operator/workspace-operator",
            "DATABASE_HOST", "db.example.com",
            "DATABASE_PASSWORD", "of-the-reader",
            "DATABASE_CA_FILE", authority.toString(),
            "OTHER_DATABASE_HOST", "other.example.com",
            "OTHER_DATABASE_PASSWORD", "another",
            "CNPG_CLUSTER", "books",
            "API_HOST", "workspaces.example.com");
  }

  @Test
  @Order(1)
  void install() throws Exception {
    List<String> printed = runAll("install.md");
    assertThat(printed).anyMatch(text -> text.contains("Workspace Operator 0.1.0 is installed"));
    assertThat(printed).anyMatch(text -> text.contains("quickstart"));
  }

  @Test
  @Order(2)
  void aSecondReleaseThatLeavesNothingOutIsRefusedByName() throws Exception {
    cluster.prepareNamespace("third");

    CommandResult refused = cluster.install("third", "third", cluster.values());

    assertThat(refused.exitCode()).isNotZero();
    assertThat(refused.stderr()).contains(CRD, "invalid ownership metadata");
  }

  @Test
  @Order(2)
  void aSecondReleaseInTheSameNamespaceIsRefusedByName() throws Exception {
    CommandResult refused =
        cluster.install(
            "twin",
            Chart.NAMESPACE,
            cluster.values()
                + "crds: {enabled: false}\n"
                + "permissions: {plans: false, budgets: false, scopes: false, killSwitch: false, deletion: false}\n"
                + "userRoles: {enabled: false}\n");

    assertThat(refused.exitCode()).isNotZero();
    assertThat(refused.stderr())
        .contains("workspace-operator-leader-election", "invalid ownership metadata");
  }

  @Test
  @Order(3)
  void permissions() throws Exception {
    assertThat(runAll("permissions.md")).anyMatch(printed -> printed.endsWith("true"));
  }

  @Test
  @Order(3)
  void gitOps() throws Exception {
    assertThat(runAll("gitops-argocd.md").getFirst()).endsWith("true");
    assertThat(runAll("gitops-flux.md").getFirst()).endsWith("true");

    assertThat(applyAsTheTeam("Pro").orThrow()).contains("of-the-team-pro serverside-applied");
    assertThat(applyAsTheTeam("Scale").stderr())
        .contains("workspace-operator-plan-assignment", "may not assign the plan Scale");
  }

  @Test
  @Order(3)
  void theAccountOfTheOperatorsProjectMayUpgradeIt() throws Exception {
    cluster.server.kubectl("apply", "-f", "examples/argocd/rights.yaml").orThrow();

    assertThat(
            cluster
                .helm
                .run(
                    "upgrade",
                    Chart.RELEASE,
                    Chart.DIRECTORY.toString(),
                    "--namespace=" + Chart.NAMESPACE,
                    "--reset-then-reuse-values",
                    "--kube-as-user=system:serviceaccount:argocd:workspace-operator-installer")
                .orThrow())
        .contains("STATUS: deployed");
  }

  /** As a sync of Argo CD or Flux does it. */
  private static CommandResult applyAsTheTeam(String plan) throws InterruptedException {
    return cluster.server.kubectlWithInput(
        """
        apiVersion: workspace-operator.dev/v1
        kind: Workspace
        metadata: {name: of-the-team-%s, namespace: research}
        spec: {plan: %s}
        """
            .formatted(plan.toLowerCase(Locale.ROOT), plan),
        "apply",
        "--server-side",
        "--as=system:serviceaccount:research-gitops:workspace-deployer",
        "-f",
        "-");
  }

  @Test
  @Order(3)
  void databaseAndTlsAndSeveralClusters() throws Exception {
    cluster.server.kubectl("apply", "-f", "src/test/resources/helm/other-crds.yaml").orThrow();
    runAll("database.md");
    assertThat(
            cluster
                .server
                .kubectl("-n", Chart.NAMESPACE, "get", "clusters", "-o", "name")
                .orThrow())
        .contains("cluster.postgresql.cnpg.io/workspace-operator-postgresql");
    runAll("multi-cluster.md");
    runAll("tls.md");
  }

  @Test
  @Order(3)
  void thePageOnSecurityShowsTheRightsThatThereAre() throws Exception {
    String rights = "```text\n" + runAll("security.md").getFirst().stripTrailing() + "\n```\n";
    String page = Files.readString(SECURITY);
    Matcher shown = RIGHTS.matcher(page);
    assertThat(shown.find()).isTrue();
    String upToDate = shown.replaceFirst("$1" + Matcher.quoteReplacement(rights) + "$2");
    if (Boolean.getBoolean("docs.write")) {
      Files.writeString(SECURITY, upToDate);
    }
    assertThat(page)
        .as("stale: run ./mvnw verify -Dit.test=DocumentationIT -Ddocs.write=true")
        .isEqualTo(upToDate);
  }

  @Test
  @Order(4)
  void upgradeFromAnOlderCustomResource() throws Exception {
    upgradeToAnOlderChart();

    runAll("upgrade.md");

    assertThat(hasDeletionPolicy()).isTrue();
    assertThat(theWorkspaceIsThere()).isTrue();
  }

  @Test
  @Order(5)
  void uninstallKeepsTheCustomResourceAndTheWorkspaces() throws Exception {
    List<String> blocks = DocumentedCommands.of("uninstall.md");
    run(blocks.get(0));
    assertThat(theWorkspaceIsThere()).isTrue();
    assertThat(run(blocks.get(1))).contains(CRD);
    assertThat(cluster.server.kubectl("get", "clusterroles", "-o", "name").orThrow())
        .doesNotContain("workspace-operator");

    // What was kept is taken up again.
    cluster.install(Chart.RELEASE, Chart.NAMESPACE, cluster.values()).orThrow();
    assertThat(theWorkspaceIsThere()).isTrue();
    run(blocks.get(0));
    run(blocks.get(2));
    assertThat(cluster.server.kubectl("get", "crd", CRD).stderr()).contains("not found");
  }

  @Test
  @Order(6)
  void aCustomResourceOfSomebodyElseIsTakenOverWhenTold() throws Exception {
    YAMLMapper yaml = new YAMLMapper();
    Path older = cluster.helm.home().resolve("older-crd.yaml");
    yaml.writeValue(
        older.toFile(), withoutAField(yaml.readTree(Path.of("crds", CRD + ".yaml").toFile())));
    cluster.server.kubectl("apply", "--server-side", "-f", older.toString()).orThrow();

    CommandResult refused = cluster.install(Chart.RELEASE, Chart.NAMESPACE, cluster.values());
    assertThat(refused.exitCode()).isNotZero();
    assertThat(refused.stderr()).contains(CRD, "invalid ownership metadata");

    cluster
        .helm
        .runWithInput(
            cluster.values(),
            "install",
            Chart.RELEASE,
            Chart.DIRECTORY.toString(),
            "--namespace=" + Chart.NAMESPACE,
            "--values=-",
            "--take-ownership",
            "--force-conflicts")
        .orThrow();
    assertThat(hasDeletionPolicy()).isTrue();
  }

  @Test
  @Order(7)
  void aCustomResourceThatIsNotKeptGoesWithTheRelease() throws Exception {
    run(
        "helm upgrade workspace-operator helm/workspace-operator -n workspace-operator"
            + " --reset-then-reuse-values --set crds.keep=false");
    run("helm uninstall workspace-operator -n workspace-operator");
    // Its resources go first, which the uninstallation does not wait for.
    await()
        .untilAsserted(() ->
            assertThat(cluster.server.kubectl("get", "crd", CRD).stderr()).contains("not found"));
  }

  private static List<String> runAll(String page) throws Exception {
    List<String> printed = new ArrayList<>();
    for (String block : DocumentedCommands.of(page)) {
      printed.add(run(block));
    }
    assertThat(printed).as(page).isNotEmpty();
    return printed;
  }

  private static String run(String block) throws InterruptedException {
    CommandResult result = DocumentedCommands.run(block, readers, cluster);
    assertThat(result.exitCode()).as(block + result.stdout() + result.stderr()).isZero();
    return result.stdout();
  }

  /** By an earlier version of the chart, whose custom resource had fewer fields. */
  private static void upgradeToAnOlderChart() throws Exception {
    Path older = UmbrellaChart.copy(Chart.DIRECTORY, cluster.helm.home().resolve("older-chart"));
    Path crd = older.resolve("files").resolve(CRD + ".yaml");
    YAMLMapper yaml = new YAMLMapper();
    yaml.writeValue(crd.toFile(), withoutAField(yaml.readTree(crd.toFile())));
    Path chart = older.resolve("Chart.yaml");
    ObjectNode about = (ObjectNode) yaml.readTree(chart.toFile());
    yaml.writeValue(chart.toFile(), about.put("version", "0.0.9").put("appVersion", "0.0.9"));
    run(
        "helm upgrade workspace-operator '%s' -n workspace-operator --reuse-values"
            .formatted(older));
    assertThat(hasDeletionPolicy()).isFalse();
  }

  private static JsonNode withoutAField(JsonNode crd) {
    assertThat(((ObjectNode) crd.at(SPEC_PROPERTIES)).remove("deletionPolicy")).isNotNull();
    return crd;
  }

  private static boolean hasDeletionPolicy() throws InterruptedException {
    return cluster
        .server
        .kubectl("get", "crd", CRD, "-o", "json")
        .orThrow()
        .contains("\"deletionPolicy\"");
  }

  private static boolean theWorkspaceIsThere() throws InterruptedException {
    return cluster.server.kubectl("get", "ws", "quickstart", "-n", "quickstart").exitCode() == 0;
  }
}
