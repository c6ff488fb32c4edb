package dev.workspaceoperator.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.auth.SignInBounds;
import dev.workspaceoperator.gate.GateSettings;
import dev.workspaceoperator.http.connections.ConnectionSettings;
import dev.workspaceoperator.http.connections.ConnectionWatch;
import dev.workspaceoperator.http.server.RequestBodies;
import dev.workspaceoperator.http.server.RequestSlots;
import dev.workspaceoperator.http.server.StoreWork;
import dev.workspaceoperator.share.ShareBounds;
import dev.workspaceoperator.workspace.Bounds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The page of limits says what the program does. */
class LimitsPageTest {
  private static final Path PAGE = Path.of("docs", "limits.md");
  private static final Path SIGN_IN_PAGE = Path.of("docs", "sign-in.md");
  private static final SignInBounds SIGN_IN = SignInBounds.STANDARD;
  private static final HttpSettings SETTINGS = HttpSettings.on("a", 0);

  static Stream<Arguments> rows() {
    ConnectionSettings connections = SETTINGS.connections();
    StoreWork work = SETTINGS.storeWork();
    return Stream.of(
        row("`requests-anonymous`", number(RequestSlots.STRANGERS_MIN)),
        row("`requests`", "(" + SETTINGS.requestsMax() + ")"),
        row("`requests-kill-switch`", "| 64 | a workspace: 8 |"),
        row("`requests-platform-kill-switch`", "| 8 | all |"),
        row("`large-bodies`", "| 64 | a workspace: 16 |"),
        row("`gate-queue`", number(GateSettings.STANDARD.queueMax()) + " a lane"),
        row(
            "`sign-in-known`",
            "| %s | a workspace: half |".formatted(number(SIGN_IN.known().all()))),
        row(
            "`sign-in-strangers`",
            "| %d | an address: two thirds |".formatted(SIGN_IN.strangers().all())),
        row("`sign-in-key-sets`", "| %d | an issuer: a third |".formatted(SIGN_IN.keySets().all())),
        row("`connections`", "(" + connections.max() + ")"),
        row(
            "`store-work`",
            "%d of a workspace and %d in all"
                .formatted(work.waiting().ofOne(), work.waiting().all())),
        row(
            "`unsent-answers`",
            "| %d | a workspace: %d |".formatted(work.unsent().all(), work.unsent().ofOne())),
        row("`event-streams`", "(" + SETTINGS.events().streamsMax() + ")"),
        row("a request of somebody who has not", seconds(connections.strangerTimeout())),
        row("a request that has signed in", seconds(connections.requestTimeout())),
        row("a client accepts a piece", seconds(connections.writeTimeout())),
        row("a connection is silent", "(" + connections.idleTimeout().toSeconds() + ")"),
        row("requests under way when", seconds(SETTINGS.drainTimeout())),
        row("headers", kibibytes(ConnectionWatch.HEADERS_BYTES_MAX)),
        row("body", kibibytes(RequestBodies.BYTES_MAX)),
        row("body", kibibytes(RequestBodies.LARGE_BYTES)),
        row("a name", number(Bounds.NAME_LENGTH_MAX) + " characters"),
        row("a reason", number(Bounds.REASON_LENGTH_MAX) + " characters"),
        row("`user_id`", number(Bounds.USER_ID_LENGTH_MAX) + " characters"),
        row("a step's name", number(Bounds.STEP_NAME_LENGTH_MAX) + " characters"),
        row(
            "labels",
            "%d, of %d and %d characters"
                .formatted(
                    Bounds.LABELS_MAX,
                    Bounds.LABEL_NAME_LENGTH_MAX,
                    Bounds.LABEL_VALUE_LENGTH_MAX)),
        row(
            "`lease_seconds`",
            "%d to %s".formatted(Bounds.LEASE_SECONDS_MIN, number(Bounds.LEASE_SECONDS_MAX))),
        row("a cost", number(Bounds.COST_USD_MAX)),
        row("a budget", number(Bounds.BUDGET_USD_MAX)),
        row("`max_concurrent_runs`", number(Bounds.RUN_CAP_MAX)),
        row("keys in a manifest", number(Bounds.MANIFEST_API_KEYS_MAX)));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("rows")
  void aRowHasTheNumberThatTheProgramHas(String what, String number) throws IOException {
    assertRow(PAGE, what, number);
  }

  @Test
  void thePageOfSigningInHasTheSameBoundsOfItsLines() throws IOException {
    assertRow(SIGN_IN_PAGE, "known |", bounds(SIGN_IN.known(), "workspace"));
    assertRow(SIGN_IN_PAGE, "strangers |", bounds(SIGN_IN.strangers(), "source"));
    assertRow(SIGN_IN_PAGE, "key sets |", bounds(SIGN_IN.keySets(), "issuer"));
  }

  private static String bounds(ShareBounds bounds, String one) {
    return "| %s, of one %s %s |".formatted(number(bounds.all()), one, number(bounds.ofOne()));
  }

  private static void assertRow(Path page, String what, String number) throws IOException {
    try (Stream<String> lines = Files.lines(page)) {
      assertThat(lines.filter(line -> line.startsWith("| " + what)))
          .singleElement()
          .asString()
          .contains(number);
    }
  }

  @ParameterizedTest
  @MethodSource("shares")
  void theParametersOfSharesAreWhatTheRowsSay(int is, int said) {
    assertThat(is).isEqualTo(said);
  }

  static Stream<Arguments> shares() {
    return Stream.of(
        Arguments.of(RequestSlots.KILL_SWITCHES.all(), 64),
        Arguments.of(RequestSlots.KILL_SWITCHES.ofOne(), 8),
        Arguments.of(RequestSlots.PLATFORM_KILL_SWITCHES.all(), 8),
        Arguments.of(SIGN_IN.known().ofOne(), SIGN_IN.known().all() / 2),
        Arguments.of(SIGN_IN.strangers().ofOne(), 2 * SIGN_IN.strangers().all() / 3),
        Arguments.of(SIGN_IN.keySets().ofOne(), SIGN_IN.keySets().all() / 3),
        Arguments.of(RequestSlots.LARGE_BODIES.all(), 64),
        Arguments.of(RequestSlots.LARGE_BODIES.ofOne(), 16),
        Arguments.of(RequestSlots.signedIn(2_048).all(), 1_792),
        Arguments.of(RequestSlots.signedIn(2_048).ofOne(), 512),
        Arguments.of(RequestSlots.strangers(80_000), 10_000),
        Arguments.of(SETTINGS.connections().strangersMax(), SETTINGS.connections().max() / 4),
        Arguments.of(SETTINGS.connections().withMax(100).strangersMax(), 25),
        Arguments.of(StoreWork.on(10, Duration.ZERO).atOnce().all(), 6),
        Arguments.of(StoreWork.on(3, Duration.ZERO).atOnce().all(), 1),
        Arguments.of(StoreWork.on(20, Duration.ZERO).atOnce().ofOne(), 4));
  }

  private static Arguments row(String what, String number) {
    return Arguments.of(what, number);
  }

  private static String seconds(Duration time) {
    return time.toSeconds() + " s";
  }

  private static String kibibytes(int bytes) {
    return bytes / 1024 + " KiB";
  }

  private static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
