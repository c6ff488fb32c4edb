package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.workspaceoperator.crd.WorkspaceCrd;
import dev.workspaceoperator.env.CommandResult;
import dev.workspaceoperator.env.ForwardingKubelet;
import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.ServingAuthority;
import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.env.SharedKubeApiServer;
import dev.workspaceoperator.workspace.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * What docs/kubectl.md promises, by a user who has the rights of that page and no others, signed in
 * by a certificate: the real kubectl, API server, controller, REST API and PostgreSQL, and of a
 * node the code of the kubelet that forwards ports.
 */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
class KubectlPluginIT {
  private static final Path PAGE = Path.of("docs/kubectl.md");
  private static final String NAMESPACE = "workspace-operator";
  private static final String ACCOUNT =
      "serviceaccount production/workspace-operator/workspace-operator-on-call";
  private static final String HOSTILE =
      "it \"deletes\" \\ 'tickets'\nsecond line\t\u0001 \u00fcber \uD83D\uDD25 $(id) `id` %s \\n &";

  @RegisterExtension static final RoleProcesses PROCESSES = RoleProcesses.ofAllTests();

  @TempDir private static Path directory;
  private static KubeApiServer kubernetes;
  private static ServingAuthority authority;
  private static Cluster cluster;
  private static ControllerRole controller;
  private static ApiServer keys;
  private static ApiReplica api;
  private static ForwardingKubelet kubelet;
  private static KubectlPlugin onCall;

  @BeforeAll
  static void start() throws Exception {
    authority = ServingAuthority.create(directory);
    Path users = Files.writeString(directory.resolve("users.crt"), authority.certificate());
    kubernetes = SharedKubeApiServer.startOwn(spec -> spec.withFlags("--client-ca-file=" + users));
    WorkspaceCrd.install(kubernetes);
    cluster = new Cluster(kubernetes, SharedDatabase.create(), "production");
    controller = cluster.controller();
    keys = ApiServer.withoutServing(cluster.databaseUrl);
    kubernetes.kubectl("create", "namespace", NAMESPACE).orThrow();
    applyPage();
    api = PROCESSES.api(cluster.databaseUrl, "--jwt-issuers-file=" + issuers());
    onCall = user("jane", "on-call");
    kubelet =
        ForwardingKubelet.start(
            Files.createDirectories(directory.resolve("node")),
            api.caller().port(),
            System.err::println);
    aPodThatRuns();
    await().atMost(Duration.ofMinutes(1)).until(api.process()::isReady);
  }

  @AfterAll
  static void stop() {
    keys.close();
    kubelet.close();
    controller.close();
    kubernetes.close();
  }

  @Test
  void onCallStopsWhatGitOwnsAndGitSeesNoDrift() throws Exception {
    String agent = workspace("stopped", "plan: Basic, dailyBudgetUsd: 100");
    String before = cluster.get("stopped", "{.metadata.generation} {.spec}");

    String said = onCall.run("kill", "stopped", "--reason", HOSTILE).orThrow();

    assertThat(said).startsWith("stopped is STOPPED").contains("kubectl workspace release stopped");
    assertThat(run(agent).code()).isEqualTo("KILL_SWITCH_ACTIVE");
    assertThat(run(agent).json().path("reason").asText()).isEqualTo(HOSTILE);
    cluster
        .server
        .kubectlWithInput(manifest("stopped"), "apply", "--server-side", "-f", "-")
        .orThrow();
    assertThat(cluster.get("stopped", "{.metadata.generation} {.spec}")).isEqualTo(before);
    assertThat(run(agent).code()).isEqualTo("KILL_SWITCH_ACTIVE");
    workspace("going", "plan: Basic");
    assertThat(onCall.run("status").orThrow())
        .containsSubsequence("\nstopped ", " STOPPED ", "\ngoing ", " on ");
    assertThat(onCall.run("status", "stopped").orThrow())
        .contains("plan Basic, STOPPED")
        .containsPattern(
            "Runtime +\\S+Z  it \"deletes\" \\\\ 'tickets' second line \\? \u00fcber \uD83D\uDD25")
        .containsPattern(
            "daily_budget_usd +100\\.00  Declared +- +" + cluster.namespace + "/stopped");

    assertThat(onCall.run("release", "stopped", "--reason", "mended").orThrow())
        .isEqualTo("stopped goes on.\n");

    assertThat(run(agent).status()).isEqualTo(201);
    assertThat(cluster.get("stopped", "{.metadata.generation} {.spec}")).isEqualTo(before);
    assertThat(onCall.run("audit", "stopped").orThrow())
        .containsPattern(ACCOUNT + "  Runtime +kill_switch +true +(false|-) +mended")
        .containsPattern(ACCOUNT + "  Runtime +kill_switch +(false|-) +true +it \"deletes\"");
  }

  @Test
  void aWorkspaceIsNamedByItsIdToo() throws Exception {
    workspace("by-id", "plan: Pro");
    String id = cluster.row("by-id", "workspace_id");

    assertThat(onCall.run("status", id).orThrow()).contains("by-id, plan Pro, on");
  }

  @Test
  void aBudgetIsRaisedForATime() throws Exception {
    workspace("raised", "plan: Pro, dailyBudgetUsd: 100");

    String made =
        onCall
            .run(
                "override", "raised", "--daily-budget=250.5", "--for", "1h30m", "--reason", "drill")
            .orThrow();

    String id = made.replaceFirst("(?s).*--end (\\S+)\\s*$", "$1");
    assertThat(made).startsWith("daily_budget_usd is 250.50 until ");
    assertThat(onCall.run("override", "raised").orThrow())
        .containsPattern(id + "  daily_budget_usd  250\\.50  \\S+Z  " + ACCOUNT + "  drill");
    assertThat(onCall.run("status", "raised").orThrow())
        .containsPattern("daily_budget_usd +250\\.50  Override ");
    assertThat(
            cluster.query(
                "SELECT abs(extract(epoch FROM expires_at - created_at) - 5400) < 60 FROM workspace_override WHERE override_id = '%s'"
                    .formatted(id)))
        .isEqualTo("t");

    assertThat(onCall.run("override", "raised", "--end", id).orThrow()).contains(id, "has ended");
    assertThat(onCall.run("override", "raised").orThrow()).isEqualTo("Nothing is overridden.\n");
    assertThat(
            onCall
                .run("override", "raised", "--daily-budget", "unlimited", "--for=2m", "--reason=x")
                .orThrow())
        .startsWith("daily_budget_usd is unlimited until ");
  }

  @Test
  void whoSpendsIsToldDearestFirst() throws Exception {
    String agent = workspace("spender", "plan: Scale, dailyBudgetUsd: 1000");
    spend(agent, "alice", "1.25");
    spend(agent, "=bob \u202e", "400");
    spend(workspace("frugal", "plan: Scale"), "carol", "0.5");

    List<String> all = onCall.run("top").orThrow().lines().toList();
    String one = onCall.run("top", "spender").orThrow();

    assertThat(all.get(1)).startsWith("spender ").contains(" 401.25 ", " 40% ");
    assertThat(one).startsWith("spender: 401.25 of 1000.00 USD spent on ");
    assertThat(one)
        .containsSubsequence("USER", "=bob ?  400.00 ", "alice", "1.25", "RUN ", "=bob ?", "alice");
    assertThat(one).doesNotContain("\u202e");
    JsonNode raw =
        new ObjectMapper().readTree(onCall.run("top", "spender", "-o", "json").orThrow());
    assertThat(raw.at("/users/items/0/user_id").asText()).isEqualTo("=bob \u202e");
    assertThat(raw.at("/usage/spent_usd").asDouble()).isEqualTo(401.25);
  }

  @Test
  void whatIsRefusedSaysHowToMendIt() throws Exception {
    workspace("declared", "plan: Scale, killSwitch: true");
    workspace("basic", "plan: Basic");

    CommandResult held = onCall.run("release", "declared");
    CommandResult plan =
        onCall.run("override", "basic", "--max-runs", "9", "--for", "1h", "--reason", "x");
    CommandResult nobody = onCall.run("status", "nobody");

    assertThat(held.exitCode()).isEqualTo(1);
    assertThat(held.stdout()).isEmpty();
    assertThat(held.stderr())
        .startsWith("error: 409 KILL_SWITCH_DECLARED: ")
        .contains("The switch is held by Declared since", "request ");
    assertThat(plan.exitCode()).isEqualTo(1);
    assertThat(plan.stderr()).startsWith("error: 403 PLAN_UPGRADE_REQUIRED: ");
    assertThat(nobody.exitCode()).isEqualTo(1);
    assertThat(nobody.stderr()).startsWith("error: 404 NOT_FOUND: ");
  }

  @Test
  void nothingIsLeftBehindAndNoCredentialIsAnArgument() throws Exception {
    int before = onCall.forwarded();

    assertThat(onCall.run("status", "nobody").exitCode()).isEqualTo(1);
    onCall.run("status").orThrow();

    assertThat(onCall.forwarded()).isEqualTo(before + 2);
    assertThat(onCall.hasLeftSomething()).isFalse();
    assertThat(onCall.calledWith())
        .anySatisfy(call -> assertThat(call).contains("create token"))
        .anySatisfy(call -> assertThat(call).contains("get --raw /v1/workspaces"))
        // Every token of Kubernetes begins like this.
        .noneSatisfy(call -> assertThat(call).contains("eyJ"));
  }

  @Test
  void itsUserHasNoOtherRights() throws Exception {
    for (String other :
        List.of(
            "get workspaces --all-namespaces",
            "get secrets -n workspace-operator",
            "create token default -n workspace-operator",
            "get services -n workspace-operator",
            "get pods -n " + cluster.namespace)) {
      assertThat(onCall.runScript("kubectl " + other).stderr()).as(other).contains("orbidden");
    }
  }

  @Test
  void somebodyElseIsToldWhichRightsAreMissing() throws Exception {
    CommandResult refused = user("john", "developers").run("kill", "anything", "--reason", "x");

    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.stderr())
        .contains("cannot create resource \"serviceaccounts/token\"", "docs/kubectl.md");
  }

  @Test
  void noneOfTheRightsOfThePageCanBeLeftOut() throws Exception {
    onCall.run("status").orThrow();
    List<String> rights = rights();
    assertThat(rights).hasSize(5);
    try {
      for (String right : rights) {
        kubernetes
            .kubectl(
                "patch",
                "role",
                "workspace-operator-on-call",
                "-n",
                NAMESPACE,
                "--type=json",
                "-p",
                "[{\"op\":\"remove\",\"path\":\"%s\"}]".formatted(right))
            .orThrow();
        await()
            .atMost(Duration.ofSeconds(20))
            .untilAsserted(() ->
                assertThat(onCall.run("status").stderr())
                    .as("without " + right)
                    .contains("orbidden"));
        applyPage();
      }
    } finally {
      applyPage();
    }
  }

  /** Where each verb of the page's Role is in it; of a rule with one verb, where the rule is. */
  private static List<String> rights() throws IOException, InterruptedException {
    String role =
        kubernetes
            .kubectl("get", "role", "workspace-operator-on-call", "-n", NAMESPACE, "-o", "json")
            .orThrow();
    List<String> rights = new ArrayList<>();
    int rule = 0;
    for (JsonNode each : new ObjectMapper().readTree(role).path("rules")) {
      int verbs = each.path("verbs").size();
      for (int verb = 0; verb < verbs; verb++) {
        rights.add("/rules/" + rule + (verbs == 1 ? "" : "/verbs/" + verb));
      }
      rule++;
    }
    return rights;
  }

  /**
   * A pod of the API as the Service finds it, on a node whose kubelet leads to the API's process.
   */
  private static void aPodThatRuns() throws InterruptedException {
    kubernetes
        .kubectlWithInput(
            """
            apiVersion: v1
            kind: Node
            metadata: {name: nowhere}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: workspace-operator-api, namespace: workspace-operator}
            spec: {selector: {app: api}, ports: [{port: 80, targetPort: 8080}]}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: api-0, namespace: workspace-operator, labels: {app: api}}
            spec:
              nodeName: nowhere
              containers: [{name: api, image: none, ports: [{containerPort: 8080}]}]
            """,
            "apply",
            "--server-side",
            "-f",
            "-")
        .orThrow();
    kubernetes
        .kubectl(
            "patch",
            "node",
            "nowhere",
            "--subresource=status",
            "--type=merge",
            "-p",
            "{\"status\":{\"addresses\":[{\"type\":\"InternalIP\",\"address\":\"127.0.0.1\"}],\"daemonEndpoints\":{\"kubeletEndpoint\":{\"Port\":%d}}}}"
                .formatted(kubelet.port()))
        .orThrow();
    kubernetes
        .kubectl(
            "patch",
            "pod",
            "api-0",
            "-n",
            NAMESPACE,
            "--subresource=status",
            "--type=merge",
            "-p",
            "{\"status\":{\"phase\":\"Running\",\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}")
        .orThrow();
  }

  /** The rights of the page, as an administrator gives them. */
  private static void applyPage() throws IOException, InterruptedException {
    Matcher block =
        Pattern.compile("(?s)```sh\n(kubectl apply -f - <<EOF\n)(.*?)EOF\n```")
            .matcher(Files.readString(PAGE));
    assertThat(block.find()).isTrue();
    kubernetes.kubectlWithInput(block.group(2), "apply", "-f", "-").orThrow();
    assertThat(block.find()).as("a second block of rights").isFalse();
  }

  /** The file of issuers, with the values of the page as the chart puts them there. */
  private static Path issuers() throws IOException, InterruptedException {
    Path files = Files.createDirectories(directory.resolve("issuers"));
    assertThat(new RunIssuer(files).of(kubernetes, "production")).hasSize(1);
    Matcher block = Pattern.compile("(?s)```yaml\n(auth:\n.*?)```").matcher(Files.readString(PAGE));
    assertThat(block.find()).isTrue();
    JsonNode values = new YAMLMapper().readTree(block.group(1)).at("/auth/kubernetes");
    Path file = files.resolve("issuers.yaml");
    return Files.writeString(
        file,
        Files.readString(file)
            + "    fleetAccounts: %s\n    fleetScopes: %s\n"
                .formatted(values.path("fleetAccounts"), values.path("fleetScopes")));
  }

  private static KubectlPlugin user(String name, String group)
      throws IOException, InterruptedException {
    Path own = Files.createDirectories(directory.resolve(name));
    Path certificate = own.resolve("user.crt");
    Path key = own.resolve("user.key");
    authority.issueToUser(name, group, certificate, key);
    return new KubectlPlugin(kubernetes.kubectlProgram(), own)
        .as(
            certificate,
            key,
            kubernetes.url(),
            kubernetes.spec().dataDirectory().resolve(KubeApiServer.CERTIFICATE));
  }

  /** A workspace that Git owns, and the key of its agent. */
  private static String workspace(String name, String spec)
      throws InterruptedException, SQLException {
    MANIFESTS.add(cluster.manifest(name, spec));
    cluster
        .server
        .kubectlWithInput(cluster.manifest(name, spec), "apply", "--server-side", "-f", "-")
        .orThrow();
    cluster.await(name, "Ready");
    return keys.key(UUID.fromString(cluster.row(name, "workspace_id")), Scope.RUNS_WRITE);
  }

  private static final List<String> MANIFESTS = new ArrayList<>();

  private static String manifest(String name) {
    return MANIFESTS.stream()
        .filter(text -> text.contains("name: " + name + ","))
        .findFirst()
        .orElseThrow();
  }

  private static ApiCaller.Reply run(String agent) throws IOException {
    return api.call(agent, "POST", "/v1/runs", "{\"user_id\":\"alice\"}");
  }

  /** A run that has cost this much, and goes on. */
  private static void spend(String agent, String user, String usd) throws IOException {
    ObjectMapper json = new ObjectMapper();
    String run =
        api.call(agent, "POST", "/v1/runs", json.createObjectNode().put("user_id", user).toString())
            .json()
            .path("id")
            .asText();
    ApiCaller.Reply step =
        api.call(
            agent,
            "POST",
            "/v1/runs/%s/steps".formatted(run),
            "{\"max_cost_usd\":%s}".formatted(usd));
    assertThat(step.status()).as(step.json().toString()).isEqualTo(201);
    ApiCaller.Reply settled =
        api.call(
            agent,
            "POST",
            "/v1/runs/%s/steps/%s/settle".formatted(run, step.json().path("id").asText()),
            "{\"cost_usd\":%s}".formatted(usd));
    assertThat(settled.status()).as(settled.json().toString()).isEqualTo(200);
  }
}
