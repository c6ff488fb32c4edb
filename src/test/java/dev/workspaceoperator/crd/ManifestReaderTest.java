package dev.workspaceoperator.crd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.DeclaredApiKey;
import dev.workspaceoperator.workspace.DeclaredReceiver;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.DeletionPolicy;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.NotificationKind;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingType;
import dev.workspaceoperator.workspace.SettingValues;
import dev.workspaceoperator.workspace.TestSettings;
import io.fabric8.kubernetes.api.model.DefaultKubernetesResourceList;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestReaderTest {
  private static final String DIGEST_A = "a".repeat(64);
  private static final String DIGEST_B = "b".repeat(64);

  @ParameterizedTest
  @EnumSource(Setting.class)
  void aFieldAloneIsReadAsItsSettingAndAsNoOther(Setting setting) {
    String value = setting.type() instanceof SettingType.Text ? "\"a team\"" : "7";
    SettingValues values = read(setting.specName() + ": " + value).settings().values();
    for (Setting each : Setting.values()) {
      assertThat(values.get(each).isPresent()).as(each.specName()).isEqualTo(each == setting);
    }
  }

  @Test
  void everyFieldIsRead() {
    Manifest manifest =
        read(
            """
            name: My Workspace
            slug: my-workspace
            plan: Scale
            dailyBudgetUsd: 100
            userDailyBudgetUsd: "25.50"
            maxConcurrentRuns: 20
            killSwitch: true
            killSwitchReason: runaway agent
            deletionPolicy: Delete
            apiKeys:
            - name: ci
              sha256: %s
              scopes: ["runs:write", "workspace:read"]
              expiresAt: "2030-01-31T01:00:00+01:00"
            - name: dashboard
              sha256: %s
              scopes: ["workspace:read"]
            notifications:
            - name: team
              url: https://hooks.example.com:8443/a%%20b?c=d
              keyName: team-key
              types: [budget, kill-switch]
            - name: all
              url: http://[fd00::1]
              keyName: team-key
            """
                .formatted(DIGEST_A, DIGEST_B));
    assertThat(manifest)
        .isEqualTo(
            new Manifest(
                new ResourceIdentity("a-cluster", "a-namespace", "a-name"),
                "the-uid",
                7,
                "my-workspace",
                new DeclaredSettings(
                    Plan.SCALE,
                    TestSettings.values(
                        Optional.of("My Workspace"),
                        Optional.of(new Budget(100_000_000)),
                        Optional.of(new Budget(25_500_000)),
                        Optional.of(20)),
                    Optional.of(true),
                    Optional.of("runaway agent")),
                DeletionPolicy.DELETE,
                List.of(
                    new DeclaredApiKey(
                        "ci",
                        new ApiKeyDigest(DIGEST_A),
                        Set.of(Scope.RUNS_WRITE, Scope.WORKSPACE_READ),
                        Optional.of(Instant.parse("2030-01-31T00:00:00Z"))),
                    new DeclaredApiKey(
                        "dashboard",
                        new ApiKeyDigest(DIGEST_B),
                        Set.of(Scope.WORKSPACE_READ),
                        Optional.empty())),
                List.of(
                    new DeclaredReceiver(
                        "team",
                        "https://hooks.example.com:8443/a%20b?c=d",
                        "team-key",
                        Set.of(NotificationKind.BUDGET, NotificationKind.KILL_SWITCH)),
                    new DeclaredReceiver("all", "http://[fd00::1]", "team-key", Set.of()))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "", "null", "{name: null, plan: null, apiKeys: null, slug: null}"})
  void anEmptySpecDeclaresNothing(String spec) {
    Manifest manifest = read(spec);
    assertThat(manifest.settings()).isEqualTo(DeclaredSettings.NONE);
    assertThat(manifest.slug()).isEqualTo("a-name");
    assertThat(manifest.deletionPolicy()).isEqualTo(DeletionPolicy.RETAIN);
    assertThat(manifest.apiKeys()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "none                                            | spec.notifications: must be a list",
        "[1]                                             | spec.notifications[0]: must be an object",
        "[{url: 'https://h/', keyName: k}]               | spec.notifications[0].name: must be a DNS label",
        "[{name: a, url: 'https://h/'}]                  | spec.notifications[0].keyName: must be a DNS label",
        "[{name: a, keyName: k}]                         | spec.notifications[0].url: must be a URL",
        "[{name: a, url: 'https://h/?x=1#y', keyName: k}] | spec.notifications[0].url: must be a URL",
        "[{name: a, url: 'https://1.2.3.999/', keyName: k}] | spec.notifications[0].url: must be a URL",
        "[{name: a, url: 'https://h/%zz', keyName: k}]   | spec.notifications[0].url: must be a URL",
        "[{name: a, url: 'https://[1:2]/', keyName: k}]  | spec.notifications[0].url: must be a URL",
        "[{name: a, url: 'https://[.]/', keyName: k}]    | spec.notifications[0].url: must be a URL",
        "[{name: a, url: 'https://h/', keyName: k, types: []}] | spec.notifications[0].types: must list at least one of budget",
        "[{name: a, url: 'https://h/', keyName: k, types: [plan, plan]}] | spec.notifications[0].types[1]: must be listed only once",
        "[{name: a, url: 'https://h/', keyName: k}, {name: a, url: 'https://h/', keyName: k}] | spec.notifications[1].name: must differ",
      })
  void aReceiverThatIsWrongIsRefusedWithItsField(String written, String message) {
    assertThat(violations("notifications: " + written))
        .anyMatch(it -> it.toString().contains(message));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "100,                  100000000",
        "100.0,                100000000",
        "1e2,                  100000000",
        "\"100\",              100000000",
        "\"100.0\",            100000000",
        "0,                    0",
        "\"0.000001\",         1",
        "\"0.30\",             300000",
        "1000000000,           1000000000000000",
        "\"1000000000.000000\",1000000000000000",
        "\"unlimited\",        9223372036854775807",
      })
  void aBudgetIsReadExactly(String written, long micros) {
    assertThat(read("dailyBudgetUsd: " + written).settings().values().budget(Setting.DAILY_BUDGET))
        .contains(new Budget(micros));
    assertThat(
            read("userDailyBudgetUsd: " + written)
                .settings()
                .values()
                .budget(Setting.USER_DAILY_BUDGET))
        .contains(new Budget(micros));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "25.5",
        "0.1",
        "-1",
        "-0.5",
        "1000000001",
        "1e400",
        "1e10",
        "99999999999999999999999",
        "\"25.5000000\"",
        "\"0.0000001\"",
        "\"1000000000.000001\"",
        "\"9999999999\"",
        "\"-1\"",
        "\"1e2\"",
        "\"+1\"",
        "\"01\"",
        "\".5\"",
        "\"5.\"",
        "\" 5\"",
        "\"\"",
        "\"Unlimited\"",
        "\"1,000\"",
        "\"NaN\"",
        "\"\\u0661\"",
        "true",
        "[]",
        "{}"
      })
  void whatIsNoBudgetIsRefused(String written) {
    for (String field : List.of("dailyBudgetUsd", "userDailyBudgetUsd")) {
      assertThat(violations("{\"%s\": %s}".formatted(field, written)))
          .singleElement()
          .satisfies(violation -> {
            assertThat(violation.field()).isEqualTo("spec." + field);
            assertThat(violation.message()).contains("in quotes", "6 decimals", "unlimited");
          });
    }
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "{name: ''}                             | spec.name              | 1 to 120",
        "{name: 5}                              | spec.name              | quotes",
        "{name: \"a\\0b\"}                      | spec.name              | U+0000",
        "{slug: ''}                             | spec.slug              | 1 to 63",
        "{slug: a.b}                            | spec.slug              | DNS label",
        "{slug: A}                              | spec.slug              | DNS label",
        "{slug: a-}                             | spec.slug              | DNS label",
        "{slug: \"a\\n\"}                       | spec.slug              | DNS label",
        "{slug: 5}                              | spec.slug              | quotes",
        "{plan: basic}                          | spec.plan              | Basic, Pro, Scale, Enterprise",
        "{plan: Gold}                           | spec.plan              | not \"Gold\"",
        "{plan: [Pro]}                          | spec.plan              | Basic",
        "{maxConcurrentRuns: -1}                | spec.maxConcurrentRuns | 0 to 1000000",
        "{maxConcurrentRuns: 1000001}           | spec.maxConcurrentRuns | 0 to 1000000",
        "{maxConcurrentRuns: 1.5}               | spec.maxConcurrentRuns | 0 to 1000000",
        "{maxConcurrentRuns: '5'}               | spec.maxConcurrentRuns | without quotes",
        "{maxConcurrentRuns: 4294967299}        | spec.maxConcurrentRuns | 0 to 1000000",
        "{killSwitch: 'true'}                   | spec.killSwitch        | without quotes",
        "{killSwitch: 1}                        | spec.killSwitch        | true or false",
        "{killSwitchReason: 5}                  | spec.killSwitchReason  | quotes",
        "{deletionPolicy: delete}               | spec.deletionPolicy    | Retain, Delete",
        "{apiKeys: {}}                          | spec.apiKeys           | list",
        "{apiKeys: [5]}                         | spec.apiKeys[0]        | object",
        "just words                             | spec                   | object",
        "[1]                                    | spec                   | object",
      })
  void aWrongFieldIsNamedAndExplained(String spec, String field, String message) {
    assertThat(violations(spec))
        .singleElement()
        .satisfies(violation -> {
          assertThat(violation.field()).isEqualTo(field);
          assertThat(violation.message()).contains(message);
        });
  }

  @Test
  void lengthsAreCountedInCodePoints() {
    String emoji = "\ud83d\ude80";
    assertThat(read("name: " + emoji.repeat(120)).settings().values().text(Setting.NAME))
        .contains(emoji.repeat(120));
    assertThat(violations("name: " + emoji.repeat(121)))
        .containsExactly(new Violation("spec.name", "must have 1 to 120 characters, not 121"));
    assertThat(read("killSwitchReason: " + emoji.repeat(500)).settings().killSwitchReason())
        .isPresent();
    assertThat(violations("killSwitchReason: " + emoji.repeat(501)))
        .extracting(Violation::field)
        .containsExactly("spec.killSwitchReason");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "sha256: SHA, scopes: [`runs:write`]                          | name      | must be set",
        "name: ``, sha256: SHA, scopes: [`runs:write`]                | name      | 1 to 120",
        "name: a, scopes: [`runs:write`]                              | sha256    | 64 lower-case",
        "name: a, sha256: ABCD, scopes: [`runs:write`]                | sha256    | 64 lower-case",
        "name: a, sha256: 5, scopes: [`runs:write`]                   | sha256    | 64 lower-case",
        "name: a, sha256: SHA                                         | scopes    | at least one",
        "name: a, sha256: SHA, scopes: []                             | scopes    | at least one",
        "name: a, sha256: SHA, scopes: `runs:write`                   | scopes    | at least one",
        "name: a, sha256: SHA, scopes: [`fleet:read`]                 | scopes[0] | one of",
        "name: a, sha256: SHA, scopes: [`runs:write`, `runs:read`]    | scopes[1] | one of",
        "name: a, sha256: SHA, scopes: [null]                         | scopes[0] | one of",
        "name: a, sha256: SHA, scopes: [`runs:write`, `runs:write`]   | scopes[1] | only once",
        "name: a, sha256: SHA, scopes: [`runs:write`], expiresAt: `x` | expiresAt | zone",
        "name: a, sha256: SHA, scopes: [`runs:write`], expiresAt: `2030-01-31T00:00:00`  |"
            + " expiresAt | zone",
        "name: a, sha256: SHA, scopes: [`runs:write`], expiresAt: `2030-02-30T00:00:00Z` |"
            + " expiresAt | zone",
        "name: a, sha256: SHA, scopes: [`runs:write`], expiresAt: 5   | expiresAt | zone",
      })
  void aWrongApiKeyIsNamedByItsIndex(String key, String field, String message) {
    String spec =
        "apiKeys: [{name: other, sha256: %s, scopes: ['runs:write']}, {%s}]"
            .formatted(DIGEST_B, key.replace('`', '\'').replace("SHA", DIGEST_A));
    assertThat(violations(spec))
        .singleElement()
        .satisfies(violation -> {
          assertThat(violation.field()).isEqualTo("spec.apiKeys[1]." + field);
          assertThat(violation.message()).contains(message);
        });
  }

  @Test
  void aKeyPutInPlaceOfItsHashIsNotRepeated() {
    assertThat(
            violations("apiKeys: [{name: a, sha256: wsk_secret, scopes: ['runs:write']}]")
                .toString())
        .doesNotContain("wsk_secret");
  }

  @Test
  void twoKeysDifferInNameAndHash() {
    String key = "{name: a, sha256: %s, scopes: ['runs:write']}".formatted(DIGEST_A);
    assertThat(violations("apiKeys: [%s, %s]".formatted(key, key)))
        .extracting(Violation::field, Violation::message)
        .containsExactly(
            tuple(
                "spec.apiKeys[1].name",
                "must differ from spec.apiKeys[0].name: two keys cannot have the same name"),
            tuple(
                "spec.apiKeys[1].sha256",
                "must differ from spec.apiKeys[0].sha256: two keys cannot have the same hash"));
  }

  @Test
  void atMost32Keys() {
    assertThat(read("apiKeys: " + keys(32)).apiKeys()).hasSize(32);
    assertThat(violations("apiKeys: " + keys(33)))
        .extracting(Violation::field)
        .containsExactly("spec.apiKeys");
  }

  @Test
  void everythingWrongIsToldAtOnce() {
    assertThat(
            violations(
                """
                slug: No
                plan: Gold
                name: ''
                dailyBudgetUsd: 0.5
                userDailyBudgetUsd: -1
                maxConcurrentRuns: many
                killSwitch: maybe
                killSwitchReason: []
                deletionPolicy: Keep
                apiKeys: [{name: 1, sha256: 2, scopes: 3, expiresAt: 4}]
                """))
        .extracting(Violation::field)
        .containsExactlyInAnyOrder(
            "spec.slug",
            "spec.plan",
            "spec.name",
            "spec.dailyBudgetUsd",
            "spec.userDailyBudgetUsd",
            "spec.maxConcurrentRuns",
            "spec.killSwitch",
            "spec.killSwitchReason",
            "spec.deletionPolicy",
            "spec.apiKeys[0].name",
            "spec.apiKeys[0].sha256",
            "spec.apiKeys[0].scopes",
            "spec.apiKeys[0].expiresAt");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"with.dots", "sixty-four-characters-sixty-four-characters-sixty-four-character"})
  void aResourceNameThatIsNoDnsLabelNeedsASlug(String name) {
    Workspace workspace = workspace("{}");
    workspace.getMetadata().setName(name);
    assertThat(ManifestReader.read(workspace, "a-cluster"))
        .isInstanceOfSatisfying(
            Reading.Malformed.class,
            malformed ->
                assertThat(malformed.violations())
                    .extracting(Violation::field)
                    .containsExactly("spec.slug"));
    Workspace withSlug = workspace("slug: fine");
    withSlug.getMetadata().setName(name);
    assertThat(ManifestReader.read(withSlug, "a-cluster")).isInstanceOf(Reading.WellFormed.class);
  }

  @Test
  void oneUnreadableResourceDoesNotHideTheOthersOfAList() {
    String json =
        """
        {"apiVersion":"workspace-operator.dev/v1","kind":"WorkspaceList","metadata":{},"items":[
         {"apiVersion":"workspace-operator.dev/v1","kind":"Workspace",
          "metadata":{"name":"a"},"spec":"text","status":"text"},
         {"apiVersion":"workspace-operator.dev/v1","kind":"Workspace",
          "metadata":{"name":"b"},"spec":{"plan":{"is":[1]},"unknown":1},
          "status":{"conditions":"none","unknown":1}},
         {"apiVersion":"workspace-operator.dev/v1","kind":"Workspace",
          "metadata":{"name":"c"},"spec":{"plan":"Pro"},
          "status":{"observedGeneration":3,"unknown":1,
                    "conditions":[{"type":"Ready","status":"True","unknown":1}]}}]}
        """;
    List<Workspace> items = Serialization.unmarshal(json, WorkspaceList.class).getItems();
    assertThat(items).hasSize(3);
    assertThat(items.get(0).getStatus()).isNull();
    assertThat(items.get(1).getStatus()).isNull();
    assertThat(items.get(2).getStatus())
        .isNotNull()
        .satisfies(status -> {
          assertThat(status.observedGeneration()).isEqualTo(3);
          assertThat(status.conditions())
              .extracting(WorkspaceCondition::type)
              .containsExactly("Ready");
        });
  }

  @Test
  void onlyWhatIsPresentIsWritten() {
    Workspace workspace = workspace("{plan: Pro, dailyBudgetUsd: 25}");
    workspace.setStatus(
        new WorkspaceStatus(
            3L,
            null,
            null,
            "Pro",
            new WorkspaceStatus.Effective(
                null,
                new WorkspaceStatus.EffectiveField<>("25", "Declared", null),
                null,
                null,
                null,
                new WorkspaceStatus.EffectiveField<>(false, "Default", null)),
            new WorkspaceStatus.KillSwitchLatches(List.of()),
            null,
            null,
            null));
    assertThat(Serialization.asJson(workspace).replaceAll("\\s", ""))
        .endsWith(
            """
            "spec":{"plan":"Pro","dailyBudgetUsd":25},\
            "status":{"observedGeneration":3,"plan":"Pro","effective":{\
            "dailyBudgetUsd":{"value":"25","source":"Declared"},\
            "killSwitch":{"value":false,"source":"Default"}},\
            "killSwitch":{"latches":[]}}}\
            """);
  }

  static final class WorkspaceList extends DefaultKubernetesResourceList<Workspace> {
    private static final long serialVersionUID = 1L;
  }

  private static Manifest read(String spec) {
    return switch (ManifestReader.read(workspace(spec), "a-cluster")) {
      case Reading.WellFormed(Manifest manifest) -> manifest;
      case Reading.Malformed(List<Violation> violations) ->
          throw new AssertionError(violations.toString());
    };
  }

  private static List<Violation> violations(String spec) {
    return switch (ManifestReader.read(workspace(spec), "a-cluster")) {
      case Reading.WellFormed(Manifest manifest) -> throw new AssertionError(manifest.toString());
      case Reading.Malformed(List<Violation> violations) -> violations;
    };
  }

  private static Workspace workspace(String spec) {
    return Serialization.unmarshal(
        """
        apiVersion: workspace-operator.dev/v1
        kind: Workspace
        metadata: {namespace: a-namespace, name: a-name, uid: the-uid, generation: 7}
        spec:
        """
            + spec.indent(2),
        Workspace.class);
  }

  private static String keys(int count) {
    StringBuilder keys = new StringBuilder("[");
    for (int i = 0; i < count; i++) {
      keys.append("{name: k%d, sha256: '%064x', scopes: ['runs:write']},".formatted(i, i));
    }
    return keys.append("]").toString();
  }
}
