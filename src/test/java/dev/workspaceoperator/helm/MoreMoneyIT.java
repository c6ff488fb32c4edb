package dev.workspaceoperator.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.env.CommandResult;
import dev.workspaceoperator.env.Shell;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Ways to get more out of a Workspace, as somebody with the role edit in its namespace tries them
 * with kubectl. All are refused, and the refusal names what is missing.
 */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
class MoreMoneyIT {
  private static final String NAMESPACE = "permissions";
  private static final String A = "a".repeat(64);
  private static final String B = "b".repeat(64);

  private static final String SPEC =
      """
      {"plan":"Scale","dailyBudgetUsd":100,"userDailyBudgetUsd":10,"maxConcurrentRuns":2,"killSwitch":true,\
      "apiKeys":[{"name":"agent","sha256":"%s","scopes":["runs:write","keys:write"],"expiresAt":"2030-01-01T00:00:00Z"}]}\
      """
          .formatted(A);

  private static HelmCluster cluster;

  @BeforeAll
  static void prepare() throws InterruptedException {
    cluster = HelmCluster.get();
    cluster.prepareNamespace(NAMESPACE);
    cluster.server.kubectl("apply", "-f", "src/test/resources/helm/permissions.yaml").orThrow();
    cluster.server.kubectl("apply", "-f", "examples/flux/rights.yaml").orThrow();
    asAdministrator(
        """
        manifest team "$SPEC" | kubectl -n permissions apply -f -
        manifest calm '{dailyBudgetUsd: 5}' | kubectl -n permissions apply -f -
        kubectl -n permissions patch ws team --subresource=status --type=merge -p '{"status":{"usage":{"spentUsd":"7"}}}'
        """);
  }

  @AfterAll
  static void nothingWasGot() throws InterruptedException {
    assertThat(asAdministrator("kubectl -n permissions get ws team -o 'jsonpath={.spec}'"))
        .isEqualToIgnoringWhitespace(
            asAdministrator(
                "manifest team \"$SPEC\" | kubectl create --dry-run=client -o 'jsonpath={.spec}' -f -"));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          a billion                          | patch '{"dailyBudgetUsd":1000000000}'                                     | raise budgets daily
          a millionth more                   | patch '{"dailyBudgetUsd":"100.000001"}'                                   | raise budgets daily
          no limit                           | patch '{"dailyBudgetUsd":"unlimited"}'                                    | raise budgets daily
          the limit removed                  | patch '{"dailyBudgetUsd":null}'                                           | raise budgets daily
          the limit removed by JSON patch    | k patch ws team --type=json -p '[{"op":"remove","path":"/spec/dailyBudgetUsd"}]' | raise budgets daily
          a manifest without it, applied     | ~manifest team "${SPEC/\\"dailyBudgetUsd\\":100,/}" | k apply -f -~ | raise budgets daily
          another manager, by force          | ~manifest team '{dailyBudgetUsd: 101}' | k apply --server-side --field-manager=me --force-conflicts -f -~ | raise budgets daily
          kubectl replace                    | ~manifest team "${SPEC/100/101}" | k replace -f -~ | raise budgets daily
          kubectl edit                       | EDITOR='sed -i s/Usd:.100/Usd:\\ 101/' k edit ws team                                 | raise budgets daily
          a second Workspace                 | ~manifest more '{dailyBudgetUsd: "0.01"}' | k create -f -~ | raise budgets daily
          a second Workspace without a limit | ~manifest more '{}' | k apply --server-side -f -~ | raise budgets daily
          deleted and made anew              | ~k delete ws calm && manifest calm '{dailyBudgetUsd: 6}' | k create -f -~ | raise budgets daily
          replaced by force                  | ~manifest team '{dailyBudgetUsd: 6}' | k replace --force -f -~ | release killswitches declared
          more for each user                 | patch '{"userDailyBudgetUsd":"10.01"}'          | raise budgets user
          no limit for users                 | patch '{"userDailyBudgetUsd":null}'                                       | raise budgets user
          more runs                          | patch '{"maxConcurrentRuns":3}'                                           | raise budgets runs
          the plan's runs                    | patch '{"maxConcurrentRuns":null}'                                        | raise budgets runs
          Basic's three runs                 | patch '{"plan":null,"maxConcurrentRuns":3}'                               | raise budgets runs
          a higher plan                      | patch '{"plan":"Enterprise"}'                                             | assign plans enterprise
          a key that raises by REST          | patch "$(keys $A workspace:write '')"                                     | grant scopes workspace-write
          a key that overrides               | patch "$(keys $B workspace:override '')"                                  | grant scopes workspace-override
          a key that releases kill switches  | patch "$(keys $B kill-switch:write '')"                                   | grant scopes kill-switch-write
          another key under the same name    | patch "$(keys $B keys:write ',"expiresAt":"2030-01-01T00:00:00Z"')"       | grant scopes keys-write
          a key that ends later              | patch "$(keys $A keys:write ',"expiresAt":"2030-01-01T00:00:00.000000001Z"')" | grant scopes keys-write
          a key that does not end            | patch "$(keys $A keys:write '')"                                          | grant scopes keys-write
          the kill switch off                | patch '{"killSwitch":false}'                                              | release killswitches declared
          the kill switch removed            | patch '{"killSwitch":null}'                                               | release killswitches declared
          deleted while killed               | k delete ws team                                                          | release killswitches declared
          all deleted                        | k delete ws --all                                                         | release killswitches declared
          all deleted in one request         | k delete --raw /apis/workspace-operator.dev/v1/namespaces/permissions/workspaces | release killswitches declared
          archived with its books            | patch '{"deletionPolicy":"Delete"}'                                       | delete books any
          """)
  void isRefusedByName(String title, String command, String right) throws InterruptedException {
    CommandResult refused = run(command);

    assertThat(refused.exitCode()).as(title + refused).isNotZero();
    String[] parts = right.split(" ", -1);
    assertThat(refused.stderr())
        .contains(
            "user editor may not ",
            "it needs the verb %s on %s.workspace-operator.dev named %s, such as by a ClusterRoleBinding"
                .formatted((Object[]) parts));
  }

  /** What Kubernetes refuses by itself. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          the status                 | k patch ws team --subresource=status --type=merge -p '{"status":{"usage":null}}'       | cannot patch resource "workspaces/status"
          the scale                  | k scale ws team --replicas=9                                                           | cannot patch resource "workspaces/scale"
          the ready role             | k create clusterrolebinding me --clusterrole=workspace-operator-raise-budgets --user=editor | cannot create resource "clusterrolebindings"
          the ready role, here alone | k create rolebinding me --clusterrole=workspace-operator-raise-budgets --user=editor    | cannot create resource "rolebindings"
          the policy                 | k delete validatingadmissionpolicybinding workspace-operator-budget-raising             | cannot delete resource "validatingadmissionpolicybindings"
          """)
  void isRefusedByKubernetes(String title, String command, String message)
      throws InterruptedException {
    CommandResult refused = run(command);

    assertThat(refused.exitCode()).as(title + refused).isNotZero();
    assertThat(refused.stderr()).contains(message);
  }

  /**
   * An editor may be each account of his namespace, so that one with more rights does not belong
   * there: those of the examples are elsewhere.
   */
  @Test
  void theAccountOfGitOpsIsNotTheEditors() throws InterruptedException {
    asAdministrator(
        "kubectl -n research create rolebinding editor --clusterrole=system:aggregate-to-edit --user=editor");

    String mayBe =
        "kubectl --as=editor auth can-i impersonate serviceaccounts/workspace-deployer -n ";
    assertThat(run(mayBe + "research").stdout()).contains("yes");
    assertThat(run(mayBe + "research-gitops").stdout()).contains("no");
  }

  /**
   * By which anybody could have a Workspace deleted: he makes it belong to something of his own.
   */
  @Test
  void theGarbageCollectorDeletesNoWorkspaceWhoseKillSwitchIsOn() throws InterruptedException {
    CommandResult refused =
        run(
            "kubectl --as=system:serviceaccount:kube-system:generic-garbage-collector -n permissions"
                + " delete ws team");

    assertThat(refused.stderr())
        .contains("generic-garbage-collector may not delete a Workspace", "named declared");
  }

  /** There are no controllers here, so that it stays with the namespace. */
  @Test
  void aNamespaceThatGoesTakesItsWorkspacesWithIt() throws InterruptedException {
    asAdministrator(
        """
        kubectl create namespace that-goes
        manifest team "$SPEC" | kubectl -n that-goes apply -f -
        kubectl delete namespace that-goes --wait=false
        """);

    await()
        .atMost(Duration.ofSeconds(60))
        .until(() ->
            run("kubectl --as=system:serviceaccount:kube-system:namespace-controller -n that-goes"
                        + " delete ws team --ignore-not-found")
                    .exitCode()
                == 0);
  }

  @Test
  void anAdminOfTheNamespaceCannotGrantThePermissionsToHimself() throws InterruptedException {
    String asAdmin = "kubectl --as=namespace-admin -n permissions ";

    assertThat(
            run(asAdmin + "apply -f src/test/resources/helm/namespace-admin-for-the-cluster.yaml")
                .stderr())
        .contains("clusterrolebindings");
    // A Role of his own is worth nothing: the permission is for the whole cluster.
    assertThat(
            run(asAdmin
                    + "apply -f src/test/resources/helm/namespace-admin-for-himself.yaml\n"
                    + "manifest his '{dailyBudgetUsd: 1}' | "
                    + asAdmin
                    + "create -f -")
                .stderr())
        .contains("user namespace-admin may not make a Workspace with spec.dailyBudgetUsd 1");
  }

  /**
   * With the functions that the tables use: {@code k} is kubectl of the editor in his namespace.
   */
  private static CommandResult run(String command) throws InterruptedException {
    String prelude =
        """
        set -euo pipefail
        k() { kubectl --as=editor -n %s "$@"; }
        patch() { k patch ws team --type=merge -p "{\\"spec\\":$1}"; }
        manifest() { printf 'apiVersion: workspace-operator.dev/v1\\nkind: Workspace\\nmetadata: {name: %%s}\\nspec: %%s\\n' "$1" "$2"; }
        keys() { echo "{\\"apiKeys\\":[{\\"name\\":\\"agent\\",\\"sha256\\":\\"$1\\",\\"scopes\\":[\\"runs:write\\",\\"$2\\"]$3}]}"; }
        A=%s B=%s SPEC='%s'
        """
            .formatted(NAMESPACE, A, B, SPEC);
    return Shell.run(prelude + command, cluster.server, cluster.helm);
  }

  private static String asAdministrator(String command) throws InterruptedException {
    return run(command).orThrow();
  }
}
