package dev.workspaceoperator.versions;

import dev.workspaceoperator.env.SharedDatabase;
import dev.workspaceoperator.env.SharedKubeApiServer;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server of which several versions are promised, and the tests that each version must pass. */
enum Subject {
  /** The store, the gate and what holds them under kills, on one server for each JVM. */
  POSTGRESQL(
      "PostgreSQL",
      "(?:store|sql)\\.\\w+StoreIT|gate\\.\\w+IT|storm\\.\\w+IT|http\\.FaultsHttpIT") {
    @Override
    String served() throws InterruptedException, SQLException {
      return SharedDatabase.serverVersion();
    }
  },

  /** The custom resource, the chart and its policies, and the controller from end to end. */
  KUBERNETES(
      "Kubernetes",
      "crd\\.\\w+IT|helm\\.(?!ChartRender|ChartSchema|ChartNull|Documentation)\\w+IT"
          + "|auth\\.ServiceAccountTokenIT|app\\.(LeastPrivilege|DeletionE2e|RunsE2e|ApiE2e|GitOps)IT") {
    @Override
    String served() throws InterruptedException {
      String answer = SharedKubeApiServer.get().kubectl("get", "--raw", "/version").orThrow();
      Matcher version = Pattern.compile("\"gitVersion\": *\"v([^\"]+)\"").matcher(answer);
      if (!version.find()) {
        throw new IllegalStateException("no version in " + answer);
      }
      return version.group(1);
    }
  };

  private final String title;
  private final Pattern tests;

  Subject(String title, String tests) {
    this.title = title;
    this.tests = Pattern.compile("dev\\.workspaceoperator\\.(?:" + tests + ")");
  }

  /** As its makers write it. */
  String title() {
    return title;
  }

  /** What the classes' names match. */
  String tests() {
    return tests.pattern();
  }

  /** As in {@code postgresql}. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What the server that this JVM's tests share says of itself. */
  abstract String served() throws InterruptedException, SQLException, IOException;
}
