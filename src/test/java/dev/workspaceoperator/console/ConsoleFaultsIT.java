package dev.workspaceoperator.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.workspace.Plan;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The console while the API, the way to it, or the machine that it runs on is not well. */
@SuppressWarnings("NullAway.Init") // Set up before all tests.
class ConsoleFaultsIT {
  /** Of the page is 3 s. */
  private static final Duration PATIENCE = Duration.ofMillis(2_500);

  private static final String EVENTS = "/v1/workspace/events";

  /** Of a page whose browser thinks that it is a day later. */
  private static final String TOMORROW =
      """
      const real = Date;
      globalThis.Date = class extends real {
        constructor(...given) { super(...(given.length === 0 ? [real.now() + 86400000] : given)) }
        static now() { return real.now() + 86400000 }
      };
      """;

  private static ConsoleSite site;

  @BeforeAll
  static void open(@TempDir Path directory) throws InterruptedException {
    site = ConsoleSite.open(directory, ApiServer.start());
  }

  @AfterAll
  static void close() {
    site.close();
  }

  @Test
  void saysSinceWhenTheApiDoesNotAnswerAndComesBackByItself() throws Exception {
    String key = site.server().keyWithAllScopes(site.server().workspace(Plan.SCALE).id());
    ApiClient client = site.client(key);
    try (Tab tab = site.tab(key)) {
      tab.until("document.querySelector('main').dataset.live === 'live'");
      site.door().shut();
      tab.shows("The API does not answer since ");
      tab.shows("Showing the state of ");
      tab.until("document.querySelector('main.stale')");
      assertThat(tab.text()).contains("Plan Scale", "Active runs");

      client.patch("/v1/workspace/", "{\"name\":\"changed meanwhile\"}");
      tab.click("Kill switch");
      tab.fill("kill-reason", "nobody hears it");
      tab.click("Stop everything now");
      tab.until(
          "document.querySelector('dialog [role=alert]').innerText.includes('does not answer')");
      site.door().open();
      tab.press("Escape");
      tab.asksNoMore();
      tab.until(
          "document.querySelector('h1').innerText === 'changed meanwhile'", Duration.ofSeconds(20));
      tab.until("!document.querySelector('main.stale')");
      tab.showsNoMore("does not answer");
      assertThat(client.get("/v1/workspace/").json().path("kill_switch").asBoolean()).isFalse();
    } finally {
      site.door().open();
    }
  }

  /** A stream that is cut again and again loses nothing, and is nobody's alarm. */
  @Test
  void aStreamMayBeCutAgainAndAgain() throws Exception {
    String key = site.server().keyWithAllScopes(site.server().workspace(Plan.SCALE).id());
    ApiClient client = site.client(key);
    try (Tab tab = site.tab(key)) {
      tab.until("document.querySelector('main').dataset.live === 'live'");
      tab.eval(
          """
          (window.alarms = 0, new MutationObserver(() => {
            if (document.querySelector('.outage')) { window.alarms++ }
          }).observe(document.body, { childList: true, subtree: true }), null)
          """);
      int quick = 0;
      // Where the machine is so slow that a page is not back within its patience, it may say so.
      for (int cut = 0; cut < 15 && quick < 5; cut++) {
        tab.until("document.querySelector('main').dataset.live === 'live'");
        tab.eval("window.alarms = 0");
        long streams = streams(tab);
        long cutAt = System.nanoTime();
        site.door().cut();
        client.patch("/v1/workspace/", "{\"name\":\"after cut %d\"}".formatted(cut));
        tab.until("document.querySelector('h1').innerText === 'after cut %d'".formatted(cut));
        assertThat(streams(tab)).isGreaterThan(streams);
        tab.until("document.querySelector('main').dataset.live === 'live'");
        int alarms = tab.eval("window.alarms").asInt();
        if (System.nanoTime() - cutAt < PATIENCE.toNanos()) {
          assertThat(alarms).isZero();
          quick++;
        }
      }
      assertThat(quick).as("cuts that nobody needs to know of").isPositive();
    }
  }

  private static long streams(Tab tab) {
    return tab.requests().stream().filter(url -> url.contains(EVENTS)).count();
  }

  /** A page that stood still does not trust a connection that it had before. */
  @Test
  void looksAnewAtOnceWhenTheMachineWakesUp() throws Exception {
    String key = site.server().keyWithAllScopes(site.server().workspace(Plan.SCALE).id());
    try (Tab tab = site.tab(key)) {
      tab.until("document.querySelector('main').dataset.live === 'live'");
      long streams = streams(tab);
      // Two hours in which no timer ran, as they look to the page when it goes on.
      tab.eval("(real => { Date.now = () => real() + 7200000 })(Date.now.bind(Date)), null");
      long askedAt = System.nanoTime();
      org.awaitility.Awaitility.await()
          .atMost(Duration.ofSeconds(3))
          .until(() -> streams(tab) > streams);
      System.out.printf(
          "Woken up: a new stream after %d ms%n", (System.nanoTime() - askedAt) / 1_000_000);
      tab.until("document.querySelector('main').dataset.live === 'live'");
      assertThat(tab.is("document.querySelector('.outage')")).isFalse();
    }
  }

  @Test
  void theBrowsersClockMayBeADayWrong() throws Exception {
    ApiServer.Declared workspace = site.server().workspaceWithBudget(Plan.SCALE, "100");
    String key = site.server().keyWithAllScopes(workspace.id());
    ApiClient client = site.client(key);
    String run =
        client.post("/v1/runs", "{\"user_id\":\"ada\",\"lease_seconds\":600}").header("Location");
    String step =
        run
            + "/steps/"
            + client.post(run + "/steps", "{\"max_cost_usd\":50}").json().path("id").asText();
    client.post(step + "/settle", "{\"cost_usd\":40}");
    try (Tab tab = site.tab()) {
      tab.beforeScripts(TOMORROW);
      tab.go(site.url());
      ConsoleSite.signIn(tab, key);
      tab.shows("ada");
      assertThat(Instant.ofEpochMilli(tab.eval("Date.now()").asLong()))
          .as("the browser is wrong")
          .isAfter(Instant.now().plus(Duration.ofHours(23)));
      String ages =
          tab.eval("document.querySelector('#runs').parentElement.querySelector('tbody').innerText")
              .asText();
      assertThat(ages).containsPattern("\\b\\d\\d? s\\b").containsPattern("(9 min|10 min)");
      String module = tab.eval("document.querySelector('script').src").asText();
      double late =
          tab.eval(
                  "import(%s).then(clock => clock.now())"
                      .formatted(Tab.quoted(module.replace("main.js", "clock.js"))))
              .asDouble();
      assertThat(Duration.between(site.server().now(), Instant.ofEpochMilli((long) late)).abs())
          .isLessThan(Duration.ofMillis(1_500));

      // An override that is to end in two hours does so by the server's clock.
      tab.click("Override Daily budget");
      tab.fill("value", "200");
      tab.fill("override-reason", "clock");
      tab.click("Put in force");
      tab.asksNoMore();
      tab.shows(", for 1 h 59 min");
    }
  }

  /** What is foretold of a budget, for amounts and times that are given. */
  @Test
  void foretellsWhenABudgetIsUsedUp() throws Exception {
    try (Tab tab = site.tab()) {
      tab.go(site.url());
      String module =
          tab.eval("document.querySelector('script').src")
              .asText()
              .replace("main.js", "forecast.js");
      String day = "start: 0, end: 86400000";
      for (var one :
          Map.of(
                  "budget: null, spent: 5, reserved: 0, samples: [], now: 1000",
                  "\"unlimited\"",
                  "budget: 10, spent: 8, reserved: 2, samples: [], now: 1000",
                  "\"used\"",
                  "budget: 10, spent: 0, reserved: 1, samples: [], now: 43200000",
                  "\"lasts\"",
                  // Half of it in a quarter of the day: the rest in another.
                  "budget: 10, spent: 5, reserved: 0, samples: [], now: 21600000",
                  "43200000",
                  "budget: 10, spent: 4, reserved: 0, samples: [], now: 43200000",
                  "\"lasts\"",
                  // A dollar in the last ten minutes, whatever was before.
                  "budget: 10, spent: 5, reserved: 0, samples: [{at: 43200000, spent: 4}], now: 43800000",
                  "46800000",
                  // Nothing in the last ten minutes.
                  "budget: 10, spent: 5, reserved: 0, samples: [{at: 43200000, spent: 5}], now: 43800000",
                  "\"lasts\"")
              .entrySet()) {
        assertThat(
                tab.eval(
                        "import(%s).then(forecast => JSON.stringify(forecast.usedUpAt({%s, %s})))"
                            .formatted(Tab.quoted(module), one.getKey(), day))
                    .asText())
            .as(one.getKey())
            .isEqualTo(one.getValue());
      }
    }
  }
}
