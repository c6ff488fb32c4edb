package dev.workspaceoperator.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What null means in the chart's values, also where it is a part of another chart. */
@SuppressWarnings("NullAway.Init") // Set up once for all tests.
class ChartNullIT {
  private static final String STANDALONE = "database: {mode: standalone, existingSecret: db}";

  private static Chart chart;

  @BeforeAll
  static void find() throws InterruptedException {
    chart = new Chart();
  }

  @Test
  void nullIsTheDefaultWhereThatIsEmpty() throws InterruptedException {
    List<String> emptyByDefault =
        NullableValues.paths().stream()
            .filter(path ->
                NullableValues.defaultOf(path).isContainerNode()
                    ? NullableValues.defaultOf(path).isEmpty()
                    : NullableValues.defaultOf(path).asText().isEmpty())
            .toList();
    assertThat(emptyByDefault).hasSizeGreaterThan(35);

    assertThat(chart.template(NullableValues.withNull(Chart.MINIMAL, emptyByDefault)).orThrow())
        .isEqualTo(chart.template(Chart.MINIMAL).orThrow());
  }

  @ParameterizedTest
  @ValueSource(strings = {"api", "controller"})
  void theNumberOfReplicasIsThenSomebodyElsesToSay(String role) throws InterruptedException {
    List<HasMetadata> objects =
        chart.objects(STANDALONE + "\n%s: {replicas: null}".formatted(role));

    assertThat(deployment(objects, role).getSpec().getReplicas()).isNull();
    // However many they are, a drain does not take them all.
    assertThat(
            Chart.find(objects, PodDisruptionBudget.class, Chart.RELEASE + "-" + role)
                .getSpec()
                .getMaxUnavailable()
                .getIntVal())
        .isEqualTo(1);
    assertThat(chart.template(STANDALONE + "\napi: {replicas: null}").orThrow())
        .contains("-api:80/openapi.yaml");
  }

  @Test
  void anAutoscalerOfTheChartSaysTheNumberOfReplicas() throws InterruptedException {
    List<HasMetadata> objects =
        chart.objects(
            STANDALONE + "\napi: {replicas: 7, autoscaling: {enabled: true, maxReplicas: 9}}");

    assertThat(deployment(objects, "api").getSpec().getReplicas()).isNull();
    assertThat(deployment(objects, "controller").getSpec().getReplicas()).isEqualTo(2);
    assertThat(Chart.find(objects, PodDisruptionBudget.class, Chart.RELEASE + "-api")).isNotNull();
    var autoscaler =
        Chart.find(objects, HorizontalPodAutoscaler.class, Chart.RELEASE + "-api").getSpec();
    assertThat(autoscaler.getScaleTargetRef().getName()).isEqualTo(Chart.RELEASE + "-api");
    assertThat(autoscaler.getMinReplicas()).isEqualTo(2);
    assertThat(autoscaler.getMaxReplicas()).isEqualTo(9);
    assertThat(autoscaler.getMetrics())
        .singleElement()
        .satisfies(metric ->
            assertThat(metric.getResource().getTarget().getAverageUtilization()).isEqualTo(80));
  }

  @Test
  void withoutResourcesNoneAreAskedForAndWithoutOneTheOthersStay() throws InterruptedException {
    List<HasMetadata> objects =
        chart.objects(
            STANDALONE
                + "\napi: {resources: null}\ncontroller: {resources: {limits: null, requests: {cpu: null}}}");

    assertThat(container(objects, "api").getResources()).isNull();
    var ofTheController = container(objects, "controller").getResources();
    assertThat(ofTheController.getLimits()).isNullOrEmpty();
    assertThat(ofTheController.getRequests()).containsOnlyKeys("memory");
  }

  /**
   * Which takes numbers of the namespace's own range alone, or none, and adds them. What is mounted
   * has another owner then.
   */
  @Test
  void openShiftGivesTheNumbersWhereTheChartGivesNone() throws InterruptedException {
    List<PodTemplateSpec> pods =
        chart.objects(Objects.requireNonNull(ValueCombinations.all().get("OpenShift"))).stream()
            .flatMap(ChartNullIT::pod)
            .toList();
    assertThat(pods).hasSize(3);
    for (PodTemplateSpec pod : pods) {
      PodSecurityContext context = pod.getSpec().getSecurityContext();
      assertThat(context.getRunAsNonRoot()).isTrue();
      assertThat(context.getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
      assertThat(context.getRunAsUser()).isNull();
      assertThat(context.getRunAsGroup()).isNull();
      assertThat(context.getFsGroup()).isNull();
      assertThat(context.getFsGroupChangePolicy()).isNull();
      assertThat(modes(pod)).isNotEmpty().containsOnly(0444);
    }
    assertThat(
            chart.objects(STANDALONE).stream()
                .flatMap(ChartNullIT::pod)
                .flatMap(pod -> modes(pod).stream()))
        .isNotEmpty()
        .containsOnly(0440);
  }

  @ParameterizedTest(name = "{0}, {1}, {2}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          ~condition: workspace-operator.enabled~ | ~~                                      | true
          ~condition: workspace-operator.enabled~ | ~workspace-operator: {enabled: false}~  | false
          ~condition: agents.enabled~             | ~agents: {enabled: false}~              | false
          ~tags: [agents]~                        | ~tags: {agents: true}~                  | true
          ~tags: [agents]~                        | ~tags: {agents: false}~                 | false
          ~tags: [agents], condition: workspace-operator.enabled~ | ~{tags: {agents: false}, workspace-operator: {enabled: true}}~ | true
          ~~                                      | ~global: {imageRegistry: x, nested: {a: [1]}}~ | true
          ~~                                      | ~global: null~                          | true
          """)
  void anUmbrellaSwitchesItOnAndOff(
      String dependency, String values, boolean isOn, @TempDir Path directory) throws Exception {
    UmbrellaChart umbrella =
        UmbrellaChart.make(
            directory.resolve("platform"),
            dependency,
            "workspace-operator: {database: {mode: standalone, existingSecret: db}}");

    String rendered = chart.template(umbrella, values).orThrow();

    assertThat(names(Chart.parse(rendered)))
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(
                    Stream.of("ConfigMap/platform"),
                    isOn ? names(chart.objects(STANDALONE)).stream() : Stream.empty())
                .toList());
    assertThat(chart.lint(umbrella, values).orThrow()).contains("0 chart(s) failed");
  }

  @ParameterizedTest(name = "{0}, {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          in the umbrella's values        | ~, api: {replicas: null, resources: null, nodeSelector: null}~ | ~~
          by the user of the umbrella     | ~~ | ~api: {replicas: null, resources: null, nodeSelector: null}~
          by the user, of what it sets    | ~, api: {replicas: 5, resources: {limits: {cpu: 1}}, nodeSelector: {disk: ssd}}~ | ~api: {replicas: null, resources: null, nodeSelector: null}~
          of single keys, of what it sets | ~, api: {replicas: null, resources: {requests: {cpu: 3}}, nodeSelector: {disk: ssd}}~ | ~api: {resources: {requests: null, limits: {memory: null}}, nodeSelector: {disk: null}}~
          """)
  void nullMeansTheSameInAnUmbrella(
      String where, String ofTheUmbrella, String ofTheUser, @TempDir Path directory)
      throws Exception {
    UmbrellaChart umbrella =
        UmbrellaChart.make(
            directory.resolve("platform"),
            "",
            "workspace-operator: {database: {mode: standalone, existingSecret: db}%s}"
                .formatted(ofTheUmbrella));
    String values = "workspace-operator: {%s}".formatted(ofTheUser);

    List<HasMetadata> objects = Chart.parse(chart.template(umbrella, values).orThrow());

    PodSpec pod = deployment(objects, "api").getSpec().getTemplate().getSpec();
    assertThat(deployment(objects, "api").getSpec().getReplicas()).as(where).isNull();
    assertThat(pod.getNodeSelector()).as(where).isNullOrEmpty();
    assertThat(pod.getContainers().getFirst().getResources()).as(where).isNull();
    assertThat(chart.lint(umbrella, values).orThrow()).contains("0 chart(s) failed");
  }

  @Test
  void whatMayNotBeNullIsRefusedInAnUmbrellaToo(@TempDir Path directory) throws Exception {
    UmbrellaChart umbrella =
        UmbrellaChart.make(
            directory.resolve("platform"),
            "",
            "workspace-operator: {database: {mode: standalone, existingSecret: db}, watchNamespaces: [a]}");

    assertThat(chart.template(umbrella, "workspace-operator: {watchNamespaces: null}").stderr())
        .contains("watchNamespaces");
  }

  private static List<String> names(List<HasMetadata> objects) {
    return objects.stream()
        .map(object -> object.getKind() + "/" + object.getMetadata().getName())
        .toList();
  }

  private static Deployment deployment(List<HasMetadata> objects, String role) {
    return Chart.find(objects, Deployment.class, Chart.RELEASE + "-" + role);
  }

  private static Container container(List<HasMetadata> objects, String role) {
    return deployment(objects, role).getSpec().getTemplate().getSpec().getContainers().getFirst();
  }

  private static Stream<PodTemplateSpec> pod(HasMetadata object) {
    return switch (object) {
      case Deployment deployment -> Stream.of(deployment.getSpec().getTemplate());
      case StatefulSet set -> Stream.of(set.getSpec().getTemplate());
      default -> Stream.empty();
    };
  }

  /** Of files that hold secrets. */
  private static List<Integer> modes(PodTemplateSpec pod) {
    return pod.getSpec().getVolumes().stream()
        .flatMap(volume -> Stream.ofNullable(mode(volume)))
        .toList();
  }

  private static @Nullable Integer mode(Volume volume) {
    if (volume.getSecret() != null) {
      return volume.getSecret().getDefaultMode();
    }
    return volume.getProjected() == null ? null : volume.getProjected().getDefaultMode();
  }
}
