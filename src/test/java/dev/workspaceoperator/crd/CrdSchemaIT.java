package dev.workspaceoperator.crd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.workspaceoperator.env.CommandResult;
import dev.workspaceoperator.env.KubeApiServer;
import dev.workspaceoperator.env.SharedKubeApiServer;
import dev.workspaceoperator.workspace.Bounds;
import dev.workspaceoperator.workspace.DeclaredReceiver;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CrdSchemaIT {
  private static final String NAMESPACE = "crd-schema";
  private static final String SHA = "a".repeat(64);

  private static KubeApiServer server;

  @BeforeAll
  static void install() throws InterruptedException {
    server = SharedKubeApiServer.get();
    WorkspaceCrd.install(server);
    WorkspaceCrd.createNamespace(server, NAMESPACE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{plan: Gold}                       | spec.plan: Unsupported value: \"Gold\": supported"
            + " values: \"Basic\", \"Pro\", \"Scale\", \"Enterprise\"",
        "{plan: basic}                      | spec.plan: Unsupported value",
        "{dailyBudgetUsd: 25.5}             | spec.dailyBudgetUsd in body must be of type"
            + " integer,string",
        "{dailyBudgetUsd: -1}               | spec.dailyBudgetUsd in body should be greater than or"
            + " equal to 0",
        "{dailyBudgetUsd: 1000000001}       | spec.dailyBudgetUsd in body should be less than or"
            + " equal to 1000000000",
        "{dailyBudgetUsd: '1000000001'}     | spec.dailyBudgetUsd in body should match",
        "{dailyBudgetUsd: '1000000000.1'}   | spec.dailyBudgetUsd in body should match",
        "{dailyBudgetUsd: '1.1234567'}      | spec.dailyBudgetUsd in body should match",
        "{dailyBudgetUsd: '1e2'}            | spec.dailyBudgetUsd in body should match",
        "{dailyBudgetUsd: '-1'}             | spec.dailyBudgetUsd in body should match",
        "{dailyBudgetUsd: ' 1'}             | spec.dailyBudgetUsd in body should match",
        "{dailyBudgetUsd: none}             | spec.dailyBudgetUsd in body should match",
        "{dailyBudgetUsd: true}             | spec.dailyBudgetUsd in body must be of type"
            + " integer,string",
        "{userDailyBudgetUsd: '1.1234567'}  | spec.userDailyBudgetUsd in body should match",
        "{maxConcurrentRuns: -1}            | spec.maxConcurrentRuns in body should be greater than"
            + " or equal to 0",
        "{maxConcurrentRuns: 1000001}       | spec.maxConcurrentRuns in body should be less than or"
            + " equal to 1000000",
        "{maxConcurrentRuns: '5'}           | spec.maxConcurrentRuns in body must be of type"
            + " integer",
        "{maxConcurrentRuns: 1.5}           | spec.maxConcurrentRuns in body must be of type"
            + " integer",
        "{killSwitch: 'true'}               | spec.killSwitch in body must be of type boolean",
        "{name: ''}                         | spec.name in body should be at least 1 chars long",
        "{name: 5}                          | spec.name in body must be of type string",
        "{slug: 'a.b'}                      | spec.slug in body should match",
        "{deletionPolicy: Orphan}           | spec.deletionPolicy: Unsupported value",
        "{budget: 5}                        | unknown field \"spec.budget\"",
        "{apiKeys: [{name: a, sha256: SHA}]} | spec.apiKeys[0].scopes: Required value",
        "{apiKeys: [{name: a, sha256: ABC, scopes: [`runs:write`]}]} | spec.apiKeys[0].sha256 in"
            + " body should",
        "{apiKeys: [{name: a, sha256: SHA, scopes: [`fleet:read`]}]} | spec.apiKeys[0].scopes[0]:"
            + " Unsupported value: \"fleet:read\"",
        "{apiKeys: [{name: a, sha256: SHA, scopes: []}]} | spec.apiKeys[0].scopes in body should"
            + " have at least 1 items",
        "{apiKeys: [{name: a, sha256: SHA, scopes: [`runs:write`], expiresAt: tomorrow}]} |"
            + " spec.apiKeys[0].expiresAt in body",
        "{apiKeys: [{name: a, sha256: SHA, scopes: [`runs:write`], expiresAt:"
            + " `2030-01-31T00:00:00`}]} | spec.apiKeys[0].expiresAt in body",
        "{apiKeys: [{name: a, sha256: SHA, scopes: [`runs:write`]}, {name: a, sha256: SHB, scopes:"
            + " [`runs:write`]}]} | spec.apiKeys[1]: Duplicate value",
        "{apiKeys: [{name: a, sha256: SHA, scopes: [`runs:write`]}, {name: b, sha256: SHA, scopes:"
            + " [`runs:write`]}]} | Two API keys cannot have the same sha256",
        "{notifications: [{name: a, url: `https://h/`}]} | spec.notifications[0].keyName: Required"
            + " value",
        "{notifications: [{name: A, url: `https://h/`, keyName: k}]} | spec.notifications[0].name in"
            + " body should match",
        "{notifications: [{name: a, url: `ftp://h/`, keyName: k}]} | spec.notifications[0].url in"
            + " body should match",
        "{notifications: [{name: a, url: `https://u:p@h/`, keyName: k}]} |"
            + " spec.notifications[0].url in body should match",
        "{notifications: [{name: a, url: `https://h:65536/`, keyName: k}]} |"
            + " spec.notifications[0].url in body should match",
        "{notifications: [{name: a, url: `https://h/#x`, keyName: k}]} | spec.notifications[0].url"
            + " in body should match",
        "{notifications: [{name: a, url: `https://h/`, keyName: k, types: [all]}]} |"
            + " spec.notifications[0].types[0]: Unsupported value",
        "{notifications: [{name: a, url: `https://h/`, keyName: k, types: []}]} |"
            + " spec.notifications[0].types in body should have at least 1 items",
        "{notifications: [{name: a, url: `https://h/`, keyName: k}, {name: a, url: `https://i/`,"
            + " keyName: k}]} | spec.notifications[1]: Duplicate value",
        "{notifications: [{name: a, url: U, keyName: k}, {name: b, url: U, keyName: k}, {name: c,"
            + " url: U, keyName: k}, {name: d, url: U, keyName: k}, {name: e, url: U, keyName: k}]}"
            + " | spec.notifications: Too many: 5",
        "{userDailyBudgetUsd: 5}            | spec.userDailyBudgetUsd needs plan Pro or higher, and"
            + " this workspace's plan is Basic.",
        "{plan: Pro, killSwitch: true}      | spec.killSwitch needs plan Scale or higher, and this"
            + " workspace's plan is Pro.",
      })
  void whatIsWrongIsRefusedWithItsField(String spec, String message) throws InterruptedException {
    String filled = spec.replace('`', '\'').replace("SHA", SHA).replace("SHB", "b".repeat(64));
    CommandResult refusal = apply("refused", filled);
    assertThat(refusal.exitCode()).isNotZero();
    assertThat(refusal.stderr()).contains(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{dailyBudgetUsd: 0}",
        "{dailyBudgetUsd: 100.0}",
        "{dailyBudgetUsd: '0.000001'}",
        "{dailyBudgetUsd: '999999999.999999'}",
        "{dailyBudgetUsd: '1000000000.000000'}",
        "{dailyBudgetUsd: unlimited}",
        "{userDailyBudgetUsd: unlimited, maxConcurrentRuns: 3, killSwitch: false}",
        "{plan: Pro, userDailyBudgetUsd: 5, maxConcurrentRuns: 1000000}",
      })
  void whatIsRightIsAccepted(String spec) throws InterruptedException {
    apply("accepted", "{}").orThrow();
    apply("accepted", spec).orThrow();
  }

  /** Sent as they are: kubectl would already write 100 for 100.0. */
  @Test
  void integralFloatsOfOtherClientsAreStoredAsIntegers() throws InterruptedException, IOException {
    post(
        "floats",
        Map.of(
            "plan", "Pro",
            "dailyBudgetUsd", 100.0,
            "userDailyBudgetUsd", 25.0,
            "maxConcurrentRuns", 7.0));
    assertThat(get("floats", "{.spec}"))
        .isEqualTo(
            """
            {"dailyBudgetUsd":100,"maxConcurrentRuns":7,"plan":"Pro","userDailyBudgetUsd":25}\
            """);
  }

  /**
   * For a field that the plan does not allow, too, though with the cause Invalid instead of
   * Forbidden: to CEL such a number is neither an integer nor a string.
   */
  @Test
  void integralFloatsOfOtherClientsAreRefusedWhereThePlanDoesNotAllowThem() throws IOException {
    for (String field : List.of("userDailyBudgetUsd", "maxConcurrentRuns")) {
      assertThatExceptionOfType(KubernetesClientException.class)
          .isThrownBy(() -> post("refused-floats", Map.of("plan", "Basic", field, 25.0)))
          .satisfies(refusal -> {
            assertThat(refusal.getCode()).isEqualTo(422);
            assertThat(refusal.getMessage()).contains("spec");
          });
    }
  }

  @Test
  void aSlugThatWasInForceCannotBeChangedRemovedOrAdded() throws InterruptedException {
    apply("with-slug", "{slug: one}").orThrow();
    inForce("with-slug", "one");
    for (String spec : new String[] {"{slug: two}", "{}"}) {
      assertThat(apply("with-slug", spec).stderr())
          .contains("spec.slug cannot be changed or removed: this workspace's slug is one.");
    }
    CommandResult withoutSpec =
        server.kubectl(
            "patch",
            "workspace",
            "with-slug",
            "-n",
            NAMESPACE,
            "--type=json",
            "-p=[{\"op\":\"remove\",\"path\":\"/spec\"}]");
    assertThat(withoutSpec.stderr()).contains("spec.slug cannot be changed or removed");

    apply("no-slug", "{}").orThrow();
    inForce("no-slug", "no-slug");
    assertThat(apply("no-slug", "{slug: two}").stderr())
        .contains("this workspace's slug is no-slug.");
    apply("no-slug", "{slug: no-slug}").orThrow();
    apply("no-slug", "{}").orThrow();
  }

  /** It was taken, or the controller has not looked yet. */
  @Test
  void aSlugThatWasNeverInForceCanBeChangedAddedAndRemoved() throws InterruptedException {
    apply("waiting", "{slug: taken}").orThrow();
    apply("waiting", "{slug: free}").orThrow();
    apply("waiting", "{}").orThrow();
    apply("waiting", "{slug: other}").orThrow();

    apply("waiting.dots", "{slug: taken}").orThrow();
    assertThat(apply("waiting.dots", "{}").stderr()).contains("spec.slug must be set");
  }

  /**
   * As after a re-creation with another slug: the one in force is what can be set, and no other.
   */
  @Test
  void aSlugThatDiffersFromTheOneInForceCanBeSetToIt() throws InterruptedException {
    apply("differs", "{slug: asked-for}").orThrow();
    inForce("differs", "held");

    apply("differs", "{slug: asked-for, dailyBudgetUsd: 1}").orThrow();
    assertThat(apply("differs", "{slug: third}").stderr())
        .contains("this workspace's slug is held.");
    apply("differs", "{slug: held}").orThrow();
    assertThat(apply("differs", "{slug: asked-for}").stderr())
        .contains("this workspace's slug is held.");
  }

  private static void inForce(String name, String slug) throws InterruptedException {
    server
        .kubectl(
            "patch",
            "workspace",
            name,
            "-n",
            NAMESPACE,
            "--subresource=status",
            "--type=merge",
            "-p",
            "{\"status\":{\"slug\":\"%s\"}}".formatted(slug))
        .orThrow();
  }

  @Test
  void aNameThatIsNoDnsLabelNeedsASlug() throws InterruptedException {
    assertThat(apply("with.dots", "{}").stderr()).contains("spec.slug must be set");
    apply("with.dots", "{slug: without-dots}").orThrow();
    assertThat(apply("a".repeat(64), "{}").stderr()).contains("spec.slug must be set");
    apply("a".repeat(63), "{}").orThrow();
  }

  @Test
  void withoutTheOperatorTheStatusSaysThatNothingWasLookedAt() throws InterruptedException {
    apply("no-operator", "{}").orThrow();
    assertThat(get("no-operator", "{.status}")).isEqualTo("{\"observedGeneration\":-1}");
  }

  @Test
  void kubectlTellsReadyPlanBudgetAndRuns() throws InterruptedException {
    apply("columns", "{}").orThrow();
    server
        .kubectl(
            "patch",
            "workspace",
            "columns",
            "-n",
            NAMESPACE,
            "--subresource=status",
            "--type=merge",
            "-p",
            """
            {"status":{"plan":"Scale","usage":{"spentUsd":"1.5"},
             "effective":{"dailyBudgetUsd":{"value":"25.5","source":"Declared"},
              "userDailyBudgetUsd":{"value":"unlimited","source":"Default"},
              "maxConcurrentRuns":{"value":50,"source":"PlanDefault"},
              "killSwitch":{"value":false,"source":"Default"}},
             "conditions":[{"type":"Ready","status":"True","reason":"Synced","message":"In force.",
              "lastTransitionTime":"2030-01-31T00:00:00Z","observedGeneration":1}]}}
            """)
        .orThrow();
    assertThat(server.kubectl("get", "ws", "columns", "-n", NAMESPACE).orThrow().lines())
        .first()
        .asString()
        .matches("NAME +READY +PLAN +KILLED +BUDGET +RUNS \\(MAX\\) +AGE *");
    assertThat(server.kubectl("get", "ws", "columns", "-n", NAMESPACE, "-o", "wide").orThrow())
        .containsPattern("SPENT +USER BUDGET +REASON +AGE")
        .containsPattern("columns +True +Scale +false +25.5 +50 +1.5 +unlimited +Synced +");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "name",
        "slug",
        "plan",
        "dailyBudgetUsd",
        "userDailyBudgetUsd",
        "maxConcurrentRuns",
        "killSwitch",
        "killSwitchReason",
        "deletionPolicy",
        "apiKeys",
        "apiKeys.name",
        "apiKeys.sha256",
        "apiKeys.scopes",
        "apiKeys.expiresAt",
        "notifications",
        "notifications.name",
        "notifications.url",
        "notifications.keyName",
        "notifications.types"
      })
  void kubectlExplainsEveryField(String field) throws InterruptedException {
    assertThat(server.kubectl("explain", "workspace.spec." + field).orThrow())
        .containsPattern("DESCRIPTION:\\s+[A-Z]")
        .doesNotContain("<empty>");
  }

  @Test
  void theLargestObjectIsAcceptedAndChanged() throws InterruptedException {
    StringBuilder keys = new StringBuilder();
    for (int i = 0; i < Bounds.MANIFEST_API_KEYS_MAX; i++) {
      keys.append(
          """
          {"name":"%0120d","sha256":"%064x","expiresAt":"2030-01-31T00:00:00.000000000+00:00",
           "scopes":["workspace:read","workspace:write","workspace:override","kill-switch:write",
                     "runs:write","keys:write"]},
          """
              .formatted(i, i));
    }
    String spec =
        """
        {"name":"%s","slug":"%s","plan":"%%s","dailyBudgetUsd":"1000000000.000000",
         "userDailyBudgetUsd":"999999999.999999","maxConcurrentRuns":1000000,"killSwitch":true,
         "killSwitchReason":"%s","deletionPolicy":"Retain","apiKeys":[%s],
         "notifications":[%s]}
        """
            .formatted(
                "\ud83d\ude80".repeat(Bounds.NAME_LENGTH_MAX),
                "s".repeat(Bounds.SLUG_LENGTH_MAX),
                "\ud83d\ude80".repeat(Bounds.REASON_LENGTH_MAX),
                keys.deleteCharAt(keys.length() - 2),
                largestReceivers());
    String name = "a".repeat(253);
    apply(name, spec.formatted("Enterprise")).orThrow();
    apply(name, spec.formatted("Basic")).orThrow();
  }

  private static String largestReceivers() {
    String url = "https://h/" + "x".repeat(DeclaredReceiver.URL_LENGTH_MAX - 10);
    return IntStream.range(0, Bounds.MANIFEST_RECEIVERS_MAX)
        .mapToObj(i ->
            "{\"name\":\"%s%d\",\"url\":\"%s\",\"keyName\":\"%s\",\"types\":[\"budget\",\"kill-switch\",\"override\",\"plan\"]}"
                .formatted("n".repeat(62), i, url, "k".repeat(63)))
        .collect(Collectors.joining(","));
  }

  /** Creates a Workspace without kubectl, which would write numbers its own way. */
  private static void post(String name, Map<String, Object> spec) throws IOException {
    Map<String, Object> resource =
        Map.of(
            "apiVersion",
            "workspace-operator.dev/v1",
            "kind",
            "Workspace",
            "metadata",
            Map.of("name", name),
            "spec",
            spec);
    Config config = Config.fromKubeconfig(Files.readString(server.kubeconfig()));
    try (KubernetesClient client = new KubernetesClientBuilder().withConfig(config).build()) {
      client.raw(
          "/apis/workspace-operator.dev/v1/namespaces/%s/workspaces".formatted(NAMESPACE),
          "POST",
          resource);
    }
  }

  private static CommandResult apply(String name, String spec) throws InterruptedException {
    return server.kubectlWithInput(
        "apiVersion: workspace-operator.dev/v1\nkind: Workspace\nmetadata: {name: %s}\nspec: %s"
            .formatted(name, spec),
        "apply",
        "-n",
        NAMESPACE,
        "-f",
        "-");
  }

  private static String get(String name, String jsonPath) throws InterruptedException {
    return server
        .kubectl("get", "workspace", name, "-n", NAMESPACE, "-o", "jsonpath=" + jsonPath)
        .orThrow();
  }
}
