package dev.workspaceoperator.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.env.CommandResult;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What on-call does with one workspace, in a real Chromium. */
@SuppressWarnings("NullAway.Init") // Set up before all tests.
class ConsoleIT {
  private static final String MARKUP =
      "<img src=x onerror=\"window.pwned=1\"><script>window.pwned=1</script>";

  private static ConsoleSite site;

  @BeforeAll
  static void open(@TempDir Path directory) throws InterruptedException {
    site = ConsoleSite.open(directory, ApiServer.start());
  }

  @AfterAll
  static void close() {
    site.close();
  }

  private static String keyOf(ApiServer.Declared workspace) {
    return site.server().keyWithAllScopes(workspace.id());
  }

  @Test
  void signsInWithAKeyThatIsForgottenWithThePageUnlessItIsToBeKept() throws Exception {
    ApiServer.Declared workspace = site.server().workspace(Plan.SCALE);
    String key = keyOf(workspace);
    try (Tab tab = site.tab()) {
      tab.go(site.url());
      tab.fill("secret", "wsk_nobodys");
      tab.click("Sign in");
      tab.until("document.querySelector('[role=alert]').innerText.includes('key')");

      ConsoleSite.signIn(tab, key);
      tab.shows("Plan Scale");
      assertThat(tab.eval("document.querySelector('h1').innerText").asText())
          .isEqualTo(workspace.manifest().identity().name());
      assertThat(
              tab.eval("JSON.stringify([sessionStorage, localStorage, document.cookie])").asText())
          .doesNotContain("wsk_");

      tab.go(site.url());
      tab.shows("API key or token");
      tab.click("Sign in");
      tab.eval("document.querySelector('input[type=checkbox]').click()");
      ConsoleSite.signIn(tab, key);
      tab.go(site.url());
      tab.shows("Plan Scale");

      tab.click("Sign out");
      tab.shows("API key or token");
      assertThat(tab.eval("sessionStorage.length").asInt()).isZero();
      assertThat(tab.errors()).isEmpty();
    }
  }

  @Test
  void tellsOfEachSettingWhereItIsFromAndWhyItIsLocked() throws Exception {
    ApiServer.Declared pro = site.server().workspaceWithBudget(Plan.PRO, "12.5");
    ApiClient client = site.client(keyOf(pro));
    client.patch("/v1/workspace/", "{\"user_daily_budget_usd\":5}");
    try (Tab tab = site.tab(keyOf(pro))) {
      assertThat(rowOf(tab, "Daily budget"))
          .contains("$12.50", "Declared by " + pro.namespacedName())
          .contains("Change spec.dailyBudgetUsd in Workspace %s.".formatted(pro.namespacedName()))
          .contains("Override")
          .doesNotContain("Change Daily");
      assertThat(rowOf(tab, "User daily budget")).contains("$5.00", "Set at run time", "Change");
      assertThat(rowOf(tab, "Most concurrent runs")).contains("10", "Default of plan Pro");
      assertThat(tab.text()).contains("Needs plan Scale.");
      assertThat(tab.is("[...document.querySelectorAll('button.danger')][0].disabled")).isTrue();

      tab.click("Change User daily budget");
      tab.fill("value", "7.000001");
      tab.click("Change");
      tab.asksNoMore();
      tab.shows("$7.000001");
      assertThat(client.get("/v1/workspace/").json().path("user_daily_budget_usd").asText())
          .isEqualTo("7.000001");
    }
    ApiServer.Declared basic = site.server().workspace(Plan.BASIC);
    try (Tab tab = site.tab(keyOf(basic))) {
      assertThat(rowOf(tab, "User daily budget"))
          .contains("Needs plan Pro.")
          .doesNotContain("Override");
      assertThat(rowOf(tab, "Monthly budget")).contains("Needs plan Pro.");
      assertThat(rowOf(tab, "Daily budget")).contains("unlimited", "Default", "Change");
    }
  }

  private static String rowOf(Tab tab, String setting) throws InterruptedException {
    String row =
        "[...document.querySelectorAll('tbody tr')].find(one => one.cells[0].innerText === %s)"
            .formatted(Tab.quoted(setting));
    tab.until(row);
    return tab.eval(row + ".textContent").asText();
  }

  @Test
  void spendMovesWhileAnAgentRunsAndTheKillSwitchStopsIt(@TempDir Path directory) throws Exception {
    assumeTrue(
        CommandResult.of(new ProcessBuilder("python3", "--version"), "", Duration.ofSeconds(10))
                .exitCode()
            == 0,
        "there is no python3 for the example agent");
    ApiServer.Declared workspace = site.server().workspaceWithBudget(Plan.SCALE, "100");
    String key = keyOf(workspace);
    ProcessBuilder builder =
        new ProcessBuilder(
                "python3", "examples/agent/agent.py", "--steps", "100000", "--step-seconds", "0.1")
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("output").toFile());
    builder.environment().put("WORKSPACE_API_URL", "http://127.0.0.1:" + site.server().port());
    builder.environment().put("WORKSPACE_API_KEY", key);
    Process agent = builder.start();
    try (Tab tab = site.tab(key)) {
      tab.until("document.querySelector('#runs ~ .amounts strong').innerText === '1'");
      int documents = tab.requests().size();
      String spent = "Number(document.querySelector('.figure').innerText.replace('$', ''))";
      tab.until(spent + " > 0");
      double before = tab.eval(spent).asDouble();
      tab.until(spent + " > " + before);
      tab.shows("ada");
      assertThat(tab.requests().subList(documents, tab.requests().size()))
          .noneMatch(url -> url.endsWith("/console/"));

      tab.click("Kill switch");
      tab.shows("1 run of 1 user");
      assertThat(tab.is("document.querySelector('dialog .danger').disabled"))
          .as("nothing is stopped without a reason")
          .isTrue();
      tab.fill("kill-reason", "it spends like mad");
      tab.click("Stop everything now");

      assertThat(agent.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(agent.exitValue()).as(output(directory)).isEqualTo(3);
      tab.shows("The kill switch is on: nothing starts");
      tab.shows("it spends like mad");
      tab.until("document.querySelector('.killed').innerText.includes('(api-key test)')");
      assertThat(tab.eval("document.title").asText()).startsWith("STOPPED: ");

      tab.click("Release the kill switch");
      tab.asks("Let this workspace go on");
      tab.click("Release");
      tab.showsNoMore("The kill switch is on: nothing starts");
      assertThat(site.client(key).get("/v1/workspace/").json().path("kill_switch").asBoolean())
          .isFalse();
      assertThat(tab.errors()).isEmpty();
    } finally {
      agent.destroyForcibly();
    }
  }

  private static String output(Path directory) throws IOException {
    return Files.readString(directory.resolve("output"));
  }

  @Test
  void breaksGlassForATimeAndEndsThat() throws Exception {
    ApiServer.Declared workspace = site.server().workspaceWithBudget(Plan.SCALE, "10");
    String key = keyOf(workspace);
    try (Tab tab = site.tab(key)) {
      tab.click("Override Daily budget");
      tab.fill("value", "250");
      tab.fill("override-reason", "the demo must go on");
      tab.click("Put in force");
      tab.shows("Overrides in force");
      assertThat(rowOf(tab, "Daily budget")).contains("$250.00", "Override until ");
      tab.shows(", for 1 h 59 min");
      tab.shows("the demo must go on");
      Instant end =
          Instant.parse(
              site.client(key)
                  .get("/v1/workspace/overrides")
                  .json()
                  .at("/items/0/expires_at")
                  .asText());
      assertThat(end)
          .isBetween(
              site.server().now().plus(Duration.ofMinutes(119)),
              site.server().now().plus(Duration.ofMinutes(121)));

      tab.click("End it");
      tab.asks("End the override");
      tab.click("End it");
      tab.showsNoMore("Overrides in force");
      assertThat(rowOf(tab, "Daily budget")).contains("$10.00");
    }
  }

  @Test
  void showsThePastAndSavesItForAccounting(@TempDir Path downloads) throws Exception {
    ApiServer.Declared workspace = site.server().workspace(Plan.SCALE);
    site.server()
        .execute(
            """
            INSERT INTO workspace_day (workspace_id, day, spent_micro_usd, reserved_micro_usd)
            SELECT '%1$s', (operator_clock() AT TIME ZONE 'UTC')::date - n, 1500000, 0 FROM generate_series(0, 89) n;
            INSERT INTO user_day (workspace_id, user_id, day, spent_micro_usd, reserved_micro_usd)
            SELECT '%1$s', 'grace', (operator_clock() AT TIME ZONE 'UTC')::date - n, 1500000, 0 FROM generate_series(0, 89) n
            """
                .formatted(workspace.id()));
    try (Tab tab = site.tab(keyOf(workspace))) {
      tab.shows("$135.00 in 90 days");
      tab.until("document.querySelector('.chart canvas')");
      assertThat(
              tab.eval(
                      "(canvas => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data].some(one => one > 0))(document.querySelector('.chart canvas'))")
                  .asBoolean())
          .as("there is something in the picture")
          .isTrue();
      tab.click("As a table");
      assertThat(tab.eval("document.querySelectorAll('details tbody tr').length").asInt())
          .isEqualTo(90);
      tab.click("12 months");
      tab.shows("$135.00 in 12 months");
      tab.until("document.querySelectorAll('details tbody tr').length === 12");
      assertThat(tab.eval("document.querySelector('#people').parentElement.innerText").asText())
          .contains("grace", "$1.50");

      tab.saveInto(downloads);
      tab.click("Download");
      tab.shows("The file is saved.");
      await()
          .until(
              () -> files(downloads).stream().anyMatch(file -> file.toString().endsWith(".csv")));
      assertThat(Files.readString(files(downloads).getFirst()))
          .contains("BilledCost", "1.5", "grace");
      assertThat(tab.errors()).isEmpty();
    }
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }

  @Test
  void tellsAllThatAServerRefuses() throws Exception {
    ApiServer.Declared workspace = site.server().workspace(Plan.SCALE);
    try (Tab tab = site.tab(site.server().key(workspace.id(), Scope.WORKSPACE_READ))) {
      tab.click("Kill switch");
      tab.fill("kill-reason", "no right to it");
      tab.click("Stop everything now");
      tab.until(
          "document.querySelector('dialog [role=alert]').innerText.includes('kill-switch:write')");
      tab.press("Escape");
      tab.asksNoMore();
      tab.shows("workspace:override");
    }
  }

  @Test
  void cancelsOneRunWithAReason() throws Exception {
    ApiServer.Declared workspace = site.server().workspace(Plan.SCALE);
    String key = keyOf(workspace);
    ApiClient client = site.client(key);
    String run =
        client
            .post(
                "/v1/runs",
                "{\"user_id\":\"ada\",\"lease_seconds\":600,\"labels\":{\"job\":\"nightly\"}}")
            .header("Location");
    client.post("/v1/runs", "{\"user_id\":\"bob\",\"lease_seconds\":600}");
    try (Tab tab = site.tab(key)) {
      tab.shows("job=nightly");
      tab.click("Cancel the run of ada");
      tab.fill("cancel-reason", "stuck");
      tab.click("Cancel the run");
      tab.asksNoMore();
      tab.showsNoMore("job=nightly");
      tab.shows("bob");
    }
    assertThat(client.get(run).json().path("status").asText()).isEqualTo("cancelled");
  }

  @Test
  void signsOutWithAMessageWhenTheKeyIsRevoked() throws Exception {
    ApiServer.Declared workspace = site.server().workspace(Plan.SCALE);
    ApiClient other = site.client(keyOf(workspace));
    var made =
        other.post("/v1/api-keys", "{\"name\":\"on-call\",\"scopes\":[\"workspace:read\"]}").json();
    try (Tab tab = site.tab(made.path("key").asText())) {
      tab.shows("Plan Scale");
      other.delete("/v1/api-keys/" + made.path("id").asText());
      tab.shows("no longer accepted");
      tab.shows("API key or token");
      assertThat(tab.text()).doesNotContain("Plan Scale");
    }
  }

  @Test
  void whatUsersWriteIsTextAndNothingElse() throws Exception {
    ApiServer.Declared workspace = site.server().workspace(Plan.SCALE);
    ApiClient client = site.client(keyOf(workspace));
    String text = MARKUP.replace("\"", "\\\"");
    var made =
        client
            .post(
                "/v1/api-keys",
                "{\"name\":\"%s\",\"scopes\":[\"workspace:read\",\"workspace:write\",\"kill-switch:write\",\"runs:write\",\"workspace:override\"]}"
                    .formatted(text))
            .json();
    ApiClient hostile = site.client(made.path("key").asText());
    hostile.patch("/v1/workspace/", "{\"name\":\"%s\"}".formatted(text));
    String run =
        hostile
            .post(
                "/v1/runs",
                "{\"user_id\":\"%s\",\"lease_seconds\":600,\"labels\":{\"%s\":\"%s\"}}"
                    .formatted(text, "<b>label</b>", text))
            .header("Location");
    String step =
        run
            + "/steps/"
            + hostile.post(run + "/steps", "{\"max_cost_usd\":1}").json().path("id").asText();
    hostile.post(step + "/settle", "{\"cost_usd\":0.5}");
    hostile.post(
        "/v1/workspace/overrides",
        "{\"daily_budget_usd\":9,\"expires_at\":\"%s\",\"reason\":\"%s\"}"
            .formatted(site.server().now().plusSeconds(3_000), text));
    hostile.post(
        "/v1/workspace/kill-switch", "{\"active\":true,\"reason\":\"%s\"}".formatted(text));
    try (Tab tab = site.tab(keyOf(workspace))) {
      for (String part : new String[] {"#people", "#runs", "#changes", "#settings"}) {
        tab.until(
            "document.querySelector(%s).parentElement.innerText.includes(%s)"
                .formatted(Tab.quoted(part), Tab.quoted(MARKUP)));
      }
      tab.until(
          "document.querySelector('.killed').innerText.includes(%s)".formatted(Tab.quoted(MARKUP)));
      tab.until("document.querySelector('h1').innerText === " + Tab.quoted(MARKUP));
      assertThat(tab.is("window.pwned")).isFalse();
      assertThat(
              tab.eval(
                      "document.querySelectorAll('#console img, #console script, #console b').length")
                  .asInt())
          .isZero();
      assertThat(tab.errors()).isEmpty();

      // And if some of it became markup all the same, it would not run.
      assertThat(
              tab.eval(
                      "(() => { try { document.body.innerHTML = '<img>'; return 'done' } catch (e) { return e.name } })()")
                  .asText())
          .isEqualTo("TypeError");
    }
  }

  @Test
  void worksByKeyboardAlone() throws Exception {
    ApiServer.Declared workspace = site.server().workspace(Plan.SCALE);
    String key = keyOf(workspace);
    try (Tab tab = site.tab()) {
      tab.go(site.url());
      tab.shows("API key or token");
      tab.tabTo("API key or token");
      tab.type(key);
      tab.press("Enter");
      tab.shows("Plan Scale");
      tab.until("document.activeElement.tagName === 'H1'");

      tab.tabTo("Kill switch");
      tab.press("Enter");
      tab.until("document.querySelector('dialog[open]')?.contains(document.activeElement)");
      tab.press("Escape");
      tab.asksNoMore();
      assertThat(tab.eval("document.activeElement.innerText").asText())
          .as("where the focus is after a dialog")
          .isEqualTo("Kill switch");

      tab.press("Space");
      tab.until("document.activeElement.id === 'kill-reason'");
      tab.type("by hand");
      tab.tabTo("Stop everything now");
      tab.press("Enter");
      tab.shows("The kill switch is on: nothing starts");
      tab.tabTo("Release the kill switch");
      tab.press("Enter");
      tab.tabTo("Release");
      tab.press("Space");
      tab.showsNoMore("The kill switch is on: nothing starts");
      await()
          .until(
              () -> !site.client(key).get("/v1/workspace/").json().path("kill_switch").asBoolean());
    }
  }
}
