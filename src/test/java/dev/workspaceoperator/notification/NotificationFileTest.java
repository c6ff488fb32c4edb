package dev.workspaceoperator.notification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.workspace.port.NotificationOutbox.KeyRight;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NotificationFileTest {
  @TempDir private Path directory;

  private final List<String> mistakes = new ArrayList<>();

  @BeforeEach
  void writeKey() throws IOException {
    Files.writeString(directory.resolve("key"), "an unguessable key of the receiver\n");
    Files.writeString(directory.resolve("short"), "short\n");
  }

  private NotificationSettings read(String text) throws IOException {
    Path file = directory.resolve("notifications.yaml");
    Files.writeString(file, text.replace("$DIR", directory.toString()));
    return NotificationFile.read(file, mistakes::add);
  }

  @Test
  void namesReceiversAndWhereTheyMayBe() throws IOException {
    NotificationSettings settings =
        read(
            """
            receivers:
              - name: on-call
                url: https://hooks.example.com/workspaces
                keyFile: $DIR/key
                types: [kill-switch, budget]
              - name: audit
                url: http://10.0.0.7:8080/
                keyFile: $DIR/key
            allowedNetworks: [10.0.0.0/8]
            """);

    assertThat(mistakes).isEmpty();
    assertThat(settings.receivers()).extracting(Receiver::name).containsExactly("on-call", "audit");
    assertThat(settings.receivers().getFirst().kinds()).containsOnly("kill-switch", "budget");
    assertThat(settings.receivers().getLast().kinds()).isEqualTo(NotificationFile.KINDS);
    assertThat(settings.allowed()).hasSize(1);
  }

  @Test
  void namesKeysAndWhoMayNameThemAndOpensNoneForRulesAlone() throws IOException {
    String text =
        """
        receivers: []
        workspaces:
          keys:
            - {name: team, keyFile: $DIR/key, namespaces: [team-a, team-b]}
            - {name: other, keyFile: $DIR/key, cluster: west, namespaces: [team-a]}
            - {name: nobodys, keyFile: $DIR/key}
          allowedNetworks: [10.9.0.0/16]
        """;

    NotificationSettings settings = read(text);

    assertThat(mistakes).isEmpty();
    assertThat(settings.keys()).containsOnlyKeys("team", "other", "nobodys");
    assertThat(settings.workspaces().keyRights())
        .containsExactlyInAnyOrder(
            new KeyRight("team", "default", "team-a"),
            new KeyRight("team", "default", "team-b"),
            new KeyRight("other", "west", "team-a"));
    Files.delete(directory.resolve("key"));
    WorkspaceReceivers rules =
        NotificationFile.readRules(directory.resolve("notifications.yaml"), mistakes::add);
    assertThat(rules.grants()).isEqualTo(settings.workspaces().grants());
    assertThat(rules.allowed()).asString().isEqualTo("[10.9.0.0/16]");
    assertThat(mistakes).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "[]| must be an object with a list",
        "{receivers: {}}| must be an object with a list",
        "{receivers: [], x: 1}| the file has x, which is not known",
        "{receivers: [{name: A, url: 'https://h/', keyFile: $DIR/key}]}| receivers[0].name must be",
        "{receivers: [{name: a, url: 'ftp://h/', keyFile: $DIR/key}]}| receivers[0].url must be",
        "{receivers: [{name: a, url: 'https://u:p@h/', keyFile: $DIR/key}]}| receivers[0].url must be",
        "{receivers: [{name: a, url: 'https://h/', keyFile: $DIR/none}]}| receivers[0].keyFile cannot be read",
        "{receivers: [{name: a, url: 'https://h/', keyFile: $DIR/short}]}| receivers[0].keyFile must be",
        "{receivers: [{name: a, url: 'https://h/'}]}| receivers[0].keyFile must be",
        "{receivers: [{name: a, url: 'https://h/', keyFile: $DIR/key, types: [all]}]}| receivers[0].types must be",
        "{receivers: [{name: a, url: 'https://h/', keyFile: $DIR/key, secret: x}]}| receivers[0] has secret",
        "{receivers: [{name: a, url: 'https://h/', keyFile: $DIR/key}, {name: a, url: 'https://h/', keyFile: $DIR/key}]}| receivers[1].name is that of another",
        "{receivers: [], allowedNetworks: [10.0.0.1/8]}| allowedNetworks: ~10.0.0.1/8~ has bits",
        "{receivers: [], workspaces: {keys: {}}}| workspaces.keys must be a list",
        "{receivers: [], workspaces: {secrets: []}}| workspaces has secrets",
        "{receivers: [], workspaces: []}| workspaces must be an object",
        "{receivers: [], workspaces: {keys: [{name: a, keyFile: $DIR/key, cluster: West_1}]}}| workspaces.keys[0].cluster must be",
        "{receivers: [], workspaces: {keys: [{name: A, keyFile: $DIR/key}]}}| workspaces.keys[0].name must be",
        "{receivers: [], workspaces: {keys: [{name: a}]}}| workspaces.keys[0].keyFile must be",
        "{receivers: [], workspaces: {keys: [{name: a, keyFile: $DIR/key, namespaces: team}]}}| workspaces.keys[0].namespaces must be",
        "{receivers: [], workspaces: {keys: [{name: a, keyFile: $DIR/key, namespaces: ['*']}]}}| workspaces.keys[0].namespaces[0] must be",
        "{receivers: [], workspaces: {keys: [{name: a, keyFile: $DIR/key}, {name: a, keyFile: $DIR/key}]}}| workspaces.keys[1].name is that",
        "{receivers: [], workspaces: {allowedNetworks: [x]}}| workspaces.allowedNetworks: ~x~ is no network",
        "{receivers: [| neither YAML nor JSON"
      })
  void saysWhatIsWrong(String text, String told) throws IOException {
    read(text);

    assertThat(mistakes).isNotEmpty();
    assertThat(String.join("\n", mistakes)).contains(told.replace('~', '"'));
  }

  @Test
  void saysThatThereIsNoSuchFile() {
    NotificationFile.read(directory.resolve("none"), mistakes::add);

    assertThat(mistakes).hasSize(1);
    assertThat(mistakes.getFirst()).contains("cannot be read");
  }
}
