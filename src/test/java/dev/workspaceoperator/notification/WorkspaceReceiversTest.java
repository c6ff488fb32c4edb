package dev.workspaceoperator.notification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.network.Network;
import dev.workspaceoperator.workspace.DeclaredReceiver;
import dev.workspaceoperator.workspace.ResourceIdentity;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkspaceReceiversTest {
  private static final Map<String, KeyGrant> GRANTS =
      Map.of(
          "team", new KeyGrant("default", Set.of("team")),
          "nobodys", new KeyGrant("default", Set.of()));
  private static final WorkspaceReceivers PUBLIC = new WorkspaceReceivers(GRANTS, List.of());
  private static final WorkspaceReceivers ALLOWING =
      new WorkspaceReceivers(GRANTS, List.of(Network.parse("10.9.0.0/16", _ -> {}).orElseThrow()));

  private static Optional<String> refusal(WorkspaceReceivers rules, String url) {
    return rules.refusal(
        new ResourceIdentity("default", "team", "a"),
        new DeclaredReceiver("r", url, "team", Set.of()));
  }

  private static Optional<String> refusal(String cluster, String namespace, String key) {
    return PUBLIC.refusal(
        new ResourceIdentity(cluster, namespace, "a"),
        new DeclaredReceiver("r", "https://hooks.example.com/", key, Set.of()));
  }

  @Test
  void aKeyIsNamedByThoseForWhomItIsAndNobodyElseLearnsThatThereIsOne() {
    assertThat(refusal("default", "team", "team")).isEmpty();
    assertThat(refusal("west", "team", "team")).isPresent();
    assertThat(refusal("default", "team", "nobodys")).isPresent();
    assertThat(refusal("default", "others", "team"))
        .isEqualTo(refusal("default", "others", "none").map(text -> text.replace("none", "team")))
        .hasValueSatisfying(text -> assertThat(text).contains("namespace \"others\""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://hooks.example.com/",
        "https://localhost/",
        "https://api.team.svc/",
        "https://api.team.svc.cluster.local/",
        "https://metadata.google.internal/",
        "https://kubernetes/",
        "https://127.0.0.1/",
        "https://169.254.169.254/latest",
        "https://10.9.0.1/",
        "https://[::1]/",
        "https://[fd00::1]/",
        "https://[::ffff:10.0.0.1]/"
      })
  void whatIsNotPublicIsRefused(String url) {
    assertThat(refusal(PUBLIC, url)).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://hooks.example.com/",
        "https://1.1.1.1/",
        "https://10.9.0.1/",
        "http://10.9.0.1:8080/",
        "http://hooks.team.svc/"
      })
  void whatIsAllowedIsNot(String url) {
    assertThat(refusal(ALLOWING, url)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://10.8.0.1/", "http://1.1.1.1/"})
  void whatIsInNoAllowedNetworkIs(String url) {
    assertThat(refusal(ALLOWING, url)).isPresent();
  }
}
