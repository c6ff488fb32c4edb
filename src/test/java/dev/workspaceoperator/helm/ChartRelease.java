package dev.workspaceoperator.helm;

import dev.workspaceoperator.env.CommandResult;
import java.io.IOException;

/**
 * One more release beside the first of its cluster, as {@code docs/install.md} tells to install it:
 * in a namespace, on a store and for Workspaces of its own.
 *
 * @param cluster where it is
 * @param name of the release, of its namespace, and of its cluster in the store; holds the chart's
 *     name, so that its objects are called {@code <name>-…}
 */
public record ChartRelease(HelmCluster cluster, String name) {
  private static final String SECRET = "database";

  /**
   * Installs it.
   *
   * @param watched the one namespace whose Workspaces it manages; made here
   * @param databaseUrl without a password
   * @param password of the database, for the release's Secret
   */
  public static ChartRelease install(
      HelmCluster cluster, String name, String watched, String databaseUrl, String password)
      throws InterruptedException {
    ChartRelease release = new ChartRelease(cluster, name);
    cluster.prepareNamespace(name);
    cluster.prepareNamespace(watched);
    release.storePassword(password);
    CommandResult installed =
        cluster.install(
            name,
            name,
            """
            crds: {enabled: false}
            permissions: {plans: false, budgets: false, scopes: false, killSwitch: false, deletion: false}
            userRoles: {enabled: false}
            watchNamespaces: [%s]
            cluster: {name: %s}
            database: {url: '%s', existingSecret: %s}
            auth: {kubernetes: {enabled: true, issuer: '%s'}}
            """
                .formatted(watched, name, databaseUrl, SECRET, cluster.server.url()));
    installed.orThrow();
    return release;
  }

  /** Takes it away; its namespaces stay. */
  public void uninstall() throws InterruptedException {
    cluster.helm.run("uninstall", name, "--namespace=" + name).orThrow();
  }

  /** Puts a password into the release's Secret. */
  public void storePassword(String password) throws InterruptedException {
    cluster
        .server
        .kubectlWithInput(
            "apiVersion: v1\nkind: Secret\nmetadata: {name: %s, namespace: %s}\nstringData: {password: %s}"
                .formatted(SECRET, name, password),
            "apply",
            "--server-side",
            "--force-conflicts",
            "-f",
            "-")
        .orThrow();
  }

  /** A process of the role, from the Deployment that is installed. */
  public RenderedProcess startRole(String role) throws IOException {
    return cluster.startRole(name, name, role);
  }

  /** The account that the controller has in the cluster. */
  public String controllerAccount() {
    return "system:serviceaccount:%s:%s-controller".formatted(name, name);
  }
}
