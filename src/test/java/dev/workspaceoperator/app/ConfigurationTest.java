package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The program as it is started, up to the point where it would connect to anything. */
class ConfigurationTest {
  private static final String URL = "--database-url=postgresql://db:5432/ws";

  @Test
  void everyMistakeIsListedAtOnce() {
    Answer answer =
        run(
            Map.of(),
            "controller",
            "--database-pool-size=1",
            "--database-password-file=missing-file",
            "--cluster-name=Not_A_Label",
            "--adopt-cluster=maybe",
            "--namespaces=team-a,Team_B",
            "--default-max-concurrent-runs-pro=ten",
            "--default-daily-budget-usd=1e3",
            "--default-user-daily-budget-usd=1000000000.01",
            "--log-format=xml",
            "--leader-election-namespace=UPPER",
            "--reconcile-threads=0",
            "--management-address=9090");
    assertThat(answer.code()).isEqualTo(2);
    assertThat(answer.out()).isEmpty();
    assertThat(answer.err())
        .contains(
            "The configuration has 13 mistakes:",
            "--database-url is required (or the environment variable WORKSPACE_OPERATOR_DATABASE_URL).",
            "--database-pool-size must be a whole number from 2 to 200, not \"1\".",
            "--database-password-file names the file missing-file, which cannot be read.",
            "--cluster-name must be a DNS label",
            "--adopt-cluster must be true or false, not \"maybe\".",
            "--namespaces: \"Team_B\" is not the name of a namespace.",
            "--default-max-concurrent-runs-pro must be a whole number from 0 to 1000000, not \"ten\".",
            "--default-daily-budget-usd must be US dollars from 0 to 1000000000 with at most 6 decimals, such as 25.50, or unlimited, not \"1e3\".",
            "--default-user-daily-budget-usd must be US dollars from 0 to 1000000000",
            "--log-format must be json or text, not \"xml\".",
            "--leader-election-namespace must be the name of a namespace, not \"UPPER\".",
            "--reconcile-threads must be a whole number from 1 to 256, not \"0\".",
            "--management-address must be host:port")
        .doesNotContain("Exception");
  }

  @Test
  void everyMistakeOfTheFileOfIssuersIsListedWithTheOthers(@TempDir Path directory)
      throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("issuers.yaml"),
            """
            issuers:
              - issuer: https://login.example.com
                jwksUri: http://login.example.com/keys
                maxScopes: [workspace:read]
            """);
    Answer answer =
        run(
            Map.of("WORKSPACE_OPERATOR_JWT_ISSUERS_FILE", file.toString()),
            "api",
            URL,
            "--trusted-proxies=10.0.0.0/8, proxy.example,10.1.2.3/16, ::/0",
            "--max-requests=0",
            "--max-connections=15",
            "--default-step-cost-usd=0.0000001");
    assertThat(answer.code()).isEqualTo(2);
    assertThat(answer.err())
        .contains(
            "The configuration has 9 mistakes:",
            "--jwt-issuers-file " + file + ": issuers[0].audience is required",
            "issuers[0].workspaceClaim is required",
            "issuers[0].jwksUri must be an https address",
            "--trusted-proxies: \"proxy.example\" is no network.",
            "--trusted-proxies: \"10.1.2.3/16\" has bits beyond its length. Did you mean 10.1.0.0/16?",
            "--trusted-proxies: \"::/0\" must have from 1 to 128 bits",
            "--max-requests must be",
            "--max-connections must be",
            "--default-step-cost-usd must be US dollars from 0 to 1000000 with at most 6 decimals, such as 0.01, not \"0.0000001\".")
        .doesNotContain("Exception");
  }

  @Test
  void oneMistakeIsNotCalledMistakes() {
    assertThat(run(Map.of(), "migrate").err()).contains("The configuration has 1 mistake:");
  }

  @Test
  void aMisspeltVariableIsNamedWithThoseThatAreKnown() {
    Answer answer =
        run(Map.of("WORKSPACE_OPERATOR_DATABSE_URL", "postgresql://db/ws"), "migrate", URL);
    assertThat(answer.code()).isEqualTo(2);
    assertThat(answer.err())
        .contains(
            "The environment variable WORKSPACE_OPERATOR_DATABSE_URL is not known.",
            "WORKSPACE_OPERATOR_DATABASE_URL,");
  }

  @Test
  void aProxyThatCannotBeUsedIsAMistakeThatHidesItsPassword() {
    Map<String, String> proxy = Map.of("https_proxy", "socks5://anna:S3cret-Word@proxy:1080");
    Answer answer = run(proxy, "api", URL, "--jwt-issuers-file=nowhere");
    assertThat(answer.code()).isEqualTo(2);
    assertThat(answer.err())
        .contains("HTTPS_PROXY must be the address of an HTTP proxy")
        .doesNotContain("S3cret-Word");
    assertThat(run(proxy, "api", URL, "--max-requests=0").err())
        .as("nobody is asked for keys")
        .contains("--max-requests must be")
        .doesNotContain("HTTPS_PROXY");
  }

  @Test
  void aVariableOfAnotherCommandIsNoMistake() {
    Answer answer =
        run(Map.of("WORKSPACE_OPERATOR_RECONCILE_THREADS", "4"), "migrate", "--wait-seconds=x");
    assertThat(answer.err()).contains("--wait-seconds").doesNotContain("RECONCILE_THREADS");
  }

  @Test
  void whatKubernetesAddsForAServiceOfOurNameIsNoMistake() {
    Answer answer =
        run(
            Map.of(
                "WORKSPACE_OPERATOR_SERVICE_HOST", "10.0.0.1",
                "WORKSPACE_OPERATOR_SERVICE_PORT", "8080",
                "WORKSPACE_OPERATOR_SERVICE_PORT_HTTP", "8080",
                "WORKSPACE_OPERATOR_PORT", "tcp://10.0.0.1:8080",
                "WORKSPACE_OPERATOR_API_PORT_8080_TCP", "tcp://10.0.0.1:8080",
                "WORKSPACE_OPERATOR_API_PORT_8080_TCP_ADDR", "10.0.0.1"),
            "migrate",
            "--wait-seconds=x");
    assertThat(answer.err())
        .contains("The configuration has 2 mistakes:", "--database-url", "--wait-seconds");
  }

  @Test
  void aMisspeltVariableThatLooksLikeAPortIsStillAMistake() {
    assertThat(run(Map.of("WORKSPACE_OPERATOR_MANAGEMENT_PORT", "9090"), "migrate", URL).err())
        .contains("WORKSPACE_OPERATOR_MANAGEMENT_PORT is not known");
  }

  @ParameterizedTest
  @ValueSource(strings = {"WORKSPACE_OPERATOR_HELP", "WORKSPACE_OPERATOR_VERSION"})
  void noVariableStandsForHelpOrVersion(String variable) {
    Answer answer = run(Map.of(variable, "true"), "migrate", URL);
    assertThat(answer.code()).isEqualTo(2);
    assertThat(answer.err()).contains(variable + " is not known");
  }

  @Test
  void aVariableStandsForTheFlag() {
    Answer answer = run(Map.of("WORKSPACE_OPERATOR_WAIT_SECONDS", "soon"), "migrate", URL);
    assertThat(answer.code()).isEqualTo(2);
    assertThat(answer.err()).contains("--wait-seconds must be", "not \"soon\"");
  }

  @Test
  void aFlagBeatsAVariable() {
    Answer answer =
        run(
            Map.of(
                "WORKSPACE_OPERATOR_DATABASE_POOL_SIZE", "many",
                "WORKSPACE_OPERATOR_WAIT_SECONDS", "60"),
            "migrate",
            URL,
            "--database-pool-size=5",
            "--wait-seconds=soon");
    assertThat(answer.err())
        .contains("The configuration has 1 mistake:", "not \"soon\"")
        .doesNotContain("many");
  }

  @Test
  void anEmptyVariableCountsAsAbsent() {
    Answer answer =
        run(
            Map.of(
                "WORKSPACE_OPERATOR_DATABASE_POOL_SIZE", "",
                "WORKSPACE_OPERATOR_DATABASE_URL", ""),
            "migrate");
    assertThat(answer.err())
        .contains("The configuration has 1 mistake:", "--database-url is required");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mysql://anna:S3cret-Word@db/ws",
        "postgresql://anna:S3cret-Word@db",
        "postgresql://anna:S3cret-Word@db/",
        "postgresql://anna:S3cret-Word%@db/ws",
        "postgresql://anna:%S3cret-Word@db/ws",
        "postgresql://anna:x%zzS3cret-Word@db/ws",
        "postgresql://anna:x/S3cret-Word@db/ws",
        "postgresql://anna:S3cret-Word/x@db",
        "postgresql://anna:x@S3cret-Word/x@db/ws",
        "postgresql://anna:S3cret-Word?@db/ws",
        "postgresql://anna:a/S3cret-Word",
        "postgresql://db/ws?user=anna&password=%S3cret-Word",
        "S3cret-Word"
      })
  void aMalformedUrlIsNotRepeatedForItMayHoldAPassword(String url) {
    for (Answer answer :
        List.of(
            run(Map.of(), "migrate", "--database-url", url),
            run(Map.of("WORKSPACE_OPERATOR_DATABASE_URL", url), "migrate"))) {
      assertThat(answer.code()).isEqualTo(2);
      assertThat(answer.err())
          .contains("The configuration has 1 mistake:", "--database-url: the database URL ")
          .doesNotContain("S3", "ret-Word", "Exception");
      assertThat(answer.out()).isEmpty();
    }
  }

  @Test
  void aUrlThatIsGivenTwiceIsNotRepeated() {
    Answer answer =
        run(
            Map.of(),
            "migrate",
            "--database-url=postgresql://anna:S3cret-Word@db/ws",
            "--database-url=postgresql://anna:S3cret-Word@db/ws");
    assertThat(answer.code()).isEqualTo(2);
    assertThat(answer.err() + answer.out()).contains("--database-url").doesNotContain("S3cret");
  }

  @Test
  void helpDoesNotShowWhatTheEnvironmentHolds() {
    Answer answer =
        run(
            Map.of("WORKSPACE_OPERATOR_DATABASE_URL", "postgresql://anna:S3cret-Word@db/ws"),
            "controller",
            "--help");
    assertThat(answer.code()).isZero();
    assertThat(answer.out()).contains("--database-url").doesNotContain("S3cret");
  }

  @Test
  void anAuditKeyThatIsTooShortIsAMistake(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("key"), "short-and-secret");
    Answer answer = run(Map.of(), "controller", URL, "--audit-key-file=" + file);
    assertThat(answer.code()).isEqualTo(2);
    assertThat(answer.err())
        .contains("--audit-key-file must hold at least 32 bytes, not 16.")
        .doesNotContain("short-and-secret");
  }

  @Test
  void anAuditKeyThatIsADirectoryIsAMistakeAndNotAChainWithoutAKey(@TempDir Path directory) {
    Answer answer = run(Map.of(), "audit", "verify", URL, "--audit-key-file=" + directory);
    assertThat(answer.code()).isEqualTo(2);
    assertThat(answer.err()).contains("--audit-key-file names the file", "cannot be read");
  }

  @Test
  void aKeysNameAndLifetimeAreBounded() {
    for (String lifetime : List.of("P0D", "-PT1H", "P36501D", "soon")) {
      Answer answer =
          run(
              Map.of(),
              "key",
              "create",
              URL,
              "--workspace=my-team",
              "--scopes=runs:write",
              "--name=" + "\ud83d\ude80".repeat(121),
              "--expires-in=" + lifetime);
      assertThat(answer.err())
          .contains(
              "The configuration has 2 mistakes:",
              "--name must have at most 120 characters.",
              "--expires-in must be a duration such as P90D");
    }
  }

  @Test
  void aHeadNeedsItsWorkspace() {
    Answer answer = run(Map.of(), "audit", "verify", URL, "--head=42:" + "ab".repeat(32));
    assertThat(answer.code()).isEqualTo(2);
    assertThat(answer.err()).contains("--head must be SEQ:HASH");
  }

  @Test
  void anUnknownFlagIsNamed() {
    Answer answer = run(Map.of(), "migrate", "--database-ulr=x");
    assertThat(answer.code()).isEqualTo(2);
    assertThat(answer.err()).contains("--database-ulr").doesNotContain("Exception");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "key", "workspace", "audit"})
  void withoutACommandTheProgramSaysWhichThereAre(String group) {
    Answer answer = group.isEmpty() ? run(Map.of()) : run(Map.of(), group);
    assertThat(answer.code()).isEqualTo(2);
    assertThat(answer.out()).isEmpty();
    assertThat(answer.err())
        .contains("Usage: workspace-operator", "COMMAND", "Commands:")
        .doesNotContain("Exception");
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandExplainsItselfAndItsDefaults(List<String> command) {
    List<String> arguments = new ArrayList<>(command);
    arguments.add("--help");
    Answer answer = run(Map.of(), arguments.toArray(String[]::new));
    assertThat(answer.code()).isZero();
    assertThat(answer.err()).isEmpty();
    String help = answer.out().replaceAll("\\s+", " ");
    assertThat(help)
        .contains(String.join(" ", "Usage: workspace-operator", String.join(" ", command)).strip());
    CommandLine program = find(command);
    for (OptionSpec option : program.getCommandSpec().options()) {
      assertThat(help).contains(option.longestName());
      String preset = option.defaultValue();
      if (preset != null && !preset.equals("false")) {
        assertThat(help).as(option.longestName()).contains("Default: " + preset + ".");
      }
    }
  }

  static Stream<List<String>> commands() {
    return commands(Main.program(Map.of()), List.of());
  }

  private static Stream<List<String>> commands(CommandLine command, List<String> path) {
    return Stream.concat(
        Stream.of(path),
        command.getSubcommands().entrySet().stream()
            .filter(child -> !child.getKey().equals("help"))
            .flatMap(child ->
                commands(
                    child.getValue(),
                    Stream.concat(path.stream(), Stream.of(child.getKey())).toList())));
  }

  private static CommandLine find(List<String> path) {
    CommandLine command = Main.program(Map.of());
    for (String name : path) {
      command = Objects.requireNonNull(command.getSubcommands().get(name));
    }
    return command;
  }

  private static Answer run(Map<String, String> environment, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine program = Main.program(environment);
    program.setOut(new PrintWriter(out, true));
    program.setErr(new PrintWriter(err, true));
    int code = program.execute(arguments);
    return new Answer(code, out.toString(), err.toString());
  }

  private record Answer(int code, String out, String err) {}
}
