package dev.workspaceoperator.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.workspaceoperator.env.KubeControllerManager;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The cluster's own roles take in the chart's: Kubernetes' controller writes the rules into {@code
 * view}, {@code edit} and {@code admin}, and whoever is bound to one of these has the rights.
 */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
@Timeout(value = 10, unit = TimeUnit.MINUTES) // The controllers are built when first needed.
class AggregatedRolesIT {
  private static final String NAMESPACE = "aggregated-roles";
  private static final Duration AGGREGATED_WITHIN = Duration.ofSeconds(60);
  private static final List<String> VERBS =
      List.of("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection");

  private static KubeControllerManager controllers;
  private static KubernetesClient client;

  @BeforeAll
  static void start() throws InterruptedException {
    HelmCluster cluster = HelmCluster.get();
    cluster.server.kubectl("create", "namespace", NAMESPACE).orThrow();
    for (String role : List.of("view", "edit", "admin")) {
      cluster
          .server
          .kubectl(
              "create",
              "rolebinding",
              role,
              "--namespace=" + NAMESPACE,
              "--clusterrole=" + role,
              "--user=" + userOf(role))
          .orThrow();
    }
    controllers = KubeControllerManager.start(cluster.server, System.err::println);
    client = cluster.client();
  }

  @AfterAll
  static void stop() {
    client.close();
    controllers.close();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          view  | get list watch                                               | get
          edit  | get list watch create update patch delete deletecollection   | get
          admin | get list watch create update patch delete deletecollection   | get
          """)
  void whoeverIsBoundToItMay(String role, String ofWorkspaces, String ofStatus) {
    await()
        .atMost(AGGREGATED_WITHIN)
        .untilAsserted(
            () -> assertThat(allowed(role, "")).containsExactly(ofWorkspaces.strip().split(" ")));
    assertThat(allowed(role, "status")).containsExactly(ofStatus);
  }

  private static String userOf(String role) {
    return "bound-to-" + role;
  }

  /** What the role's user may do with Workspaces of the namespace, or a subresource of them. */
  private static List<String> allowed(String role, String subresource) {
    return VERBS.stream().filter(verb -> isAllowed(role, verb, subresource)).toList();
  }

  private static boolean isAllowed(String role, String verb, String subresource) {
    SubjectAccessReview asked =
        new SubjectAccessReviewBuilder()
            .withNewSpec()
            .withUser(userOf(role))
            .withNewResourceAttributes()
            .withNamespace(NAMESPACE)
            .withGroup("workspace-operator.dev")
            .withResource("workspaces")
            .withSubresource(subresource)
            .withVerb(verb)
            .endResourceAttributes()
            .endSpec()
            .build();
    return client.authorization().v1().subjectAccessReview().create(asked).getStatus().getAllowed();
  }
}
