package dev.workspaceoperator.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Scope;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All workspaces of an installation, in a real Chromium. */
@SuppressWarnings("NullAway.Init") // Set up before all tests.
class ConsoleFleetIT {
  private static final int WORKSPACES = 10_000;
  private static final Duration ALL_ARE_THERE = Duration.ofSeconds(40);
  private static final String FIRST = "document.querySelector('.body .row')";

  private static ConsoleSite site;
  private static String key;

  @BeforeAll
  static void open(@TempDir Path directory) throws InterruptedException {
    ApiServer server = ApiServer.start();
    // Makes the cluster known.
    server.workspace(Plan.SCALE);
    server.execute(
        """
        INSERT INTO workspace (
            workspace_id, cluster, namespace, resource_name, slug, state, resource_uid, resource_generation,
            controller_epoch, plan, deletion_policy, revision, declared_revision, created_at, updated_at)
        SELECT gen_random_uuid(), 'default', 'team-' || n %% 100, 'agents-' || n, 'agents-' || n, 'PRESENT', 'uid', 1, 1,
            'Enterprise', 'Retain', 1, 1, now(), now()
        FROM generate_series(1, %d) n
        """
            .formatted(WORKSPACES - 1));
    site = ConsoleSite.open(directory, server);
    key = server.fleetKey(Scope.FLEET_READ, Scope.FLEET_WRITE);
  }

  @AfterAll
  static void close() {
    site.close();
  }

  private static Tab fleet() throws InterruptedException {
    Tab tab = site.tab(key);
    tab.until("document.querySelector('main').ariaBusy === 'false'", ALL_ARE_THERE);
    return tab;
  }

  @Test
  void findsAndSortsAndHasTheStoppedOnesFirst() throws Exception {
    ApiServer.Declared stopped = site.server().workspace(Plan.SCALE);
    ApiClient client = site.client(site.server().keyWithAllScopes(stopped.id()));
    client.patch("/v1/workspace/", "{\"name\":\"zebra <b>last</b>\"}");
    client.post("/v1/workspace/kill-switch", "{\"active\":true,\"reason\":\"a loop\"}");
    try (Tab tab = fleet()) {
      tab.shows("1 stopped");
      assertThat(tab.eval(FIRST + ".innerText").asText()).contains("stopped", "zebra <b>last</b>");
      tab.click("Workspace");
      tab.until("document.querySelector('.columnheader, .cell.called').ariaSort === 'ascending'");
      assertThat(tab.eval(FIRST + ".innerText").asText()).contains("zebra <b>last</b>");
      assertThat(tab.eval(FIRST + ".nextSibling.innerText").asText()).contains("agents-1\n");

      tab.fill("filter", "TEAM-42/agents-4242");
      tab.until("document.querySelectorAll('.body .row:not([hidden])').length === 1");
      assertThat(tab.eval(FIRST + ".innerText").asText()).contains("agents-4242", "Enterprise");
      tab.shows("1 shown");
      assertThat(tab.errors()).isEmpty();
    } finally {
      client.post("/v1/workspace/kill-switch", "{\"active\":false}");
    }
  }

  /** Only what is in sight is there, wherever one is, and by keyboard too. */
  @Test
  void scrollsThroughTenThousand() throws Exception {
    try (Tab tab = fleet()) {
      assertThat(tab.eval("document.querySelectorAll('.body .row').length").asInt()).isLessThan(80);
      tab.eval(FIRST + ".querySelector('a').focus()");
      tab.press("ArrowDown");
      tab.until("document.activeElement.closest('.row').ariaRowIndex === '3'");
      tab.press("End");
      tab.until(
          "document.activeElement.closest('.row')?.ariaRowIndex === '%d'".formatted(last(tab)));
      assertThat(tab.eval("document.querySelectorAll('.body .row').length").asInt()).isLessThan(80);
      tab.eval("document.querySelector('.viewport').scrollTop = 0");
      tab.until(FIRST + ".ariaRowIndex === '2'");
      System.out.println("Fleet of 10,000, frames: " + frames(tab));
    }
  }

  private static int last(Tab tab) throws InterruptedException {
    return tab.eval("Number(document.querySelector('[role=table]').ariaRowCount)").asInt();
  }

  /**
   * Scrolls through all of it for three seconds, and tells how long frames were; nothing is held
   * against that.
   */
  static String frames(Tab tab) throws InterruptedException {
    return tab.eval(
            """
            new Promise(done => {
              const viewport = document.querySelector('.viewport');
              const frames = [];
              const tasks = [];
              const observer = new PerformanceObserver(list => tasks.push(...list.getEntries().map(one => one.duration)));
              observer.observe({ type: 'longtask' });
              const began = performance.now();
              let last = began;
              const step = now => {
                frames.push(now - last);
                last = now;
                viewport.scrollTop += 700;
                if (viewport.scrollTop + viewport.clientHeight >= viewport.scrollHeight) { viewport.scrollTop = 0 }
                if (now - began < 3000) { requestAnimationFrame(step) } else {
                  observer.disconnect();
                  frames.sort((one, other) => one - other);
                  const at = share => frames[Math.floor(frames.length * share)].toFixed(1);
                  done(`${frames.length} in 3 s; median ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${frames.at(-1).toFixed(1)} ms; tasks over 50 ms: ${tasks.length}`);
                }
              };
              requestAnimationFrame(step);
            })
            """)
        .asText();
  }

  /** On-call stops any workspace, whatever its plan, and breaks glass there, with one key. */
  @Test
  void opensAWorkspaceAndActsOnIt() throws Exception {
    ApiServer.Declared one = site.server().workspaceWithBudget(Plan.BASIC, "10");
    ApiClient client = site.client(site.server().keyWithAllScopes(one.id()));
    client.patch("/v1/workspace/", "{\"name\":\"Sorting office\"}");
    String run =
        client.post("/v1/runs", "{\"user_id\":\"ada\",\"lease_seconds\":600}").header("Location");
    try (Tab tab = fleet()) {
      tab.fill("filter", "sorting");
      tab.click("Sorting office");
      tab.shows("Plan Basic");
      tab.shows("Every 2 seconds");
      tab.shows("ada");
      assertThat(tab.text()).contains("Locked, since the manifest declares it");

      assertThat(
              tab.is(
                  "[...document.querySelectorAll('button')].some(one => one.textContent.startsWith('Change'))"))
          .as("what lasts is changed by the workspace's own credentials")
          .isFalse();

      client.post(run + "/steps", "{\"max_cost_usd\":2.5}");
      tab.shows("$2.50 reserved");

      tab.click("Override Daily budget");
      tab.fill("value", "99");
      tab.fill("override-reason", "on call");
      tab.click("Put in force");
      tab.asksNoMore();
      tab.shows("Overrides in force");
      assertThat(client.get("/v1/workspace/").json().path("daily_budget_usd").asInt())
          .isEqualTo(99);

      tab.click("Kill switch");
      tab.shows("1 run of 1 user");
      tab.fill("kill-reason", "by on-call");
      tab.click("Stop everything now");
      tab.shows("The kill switch is on: nothing starts");
      assertThat(client.post("/v1/runs", "{\"user_id\":\"eve\"}").code())
          .isEqualTo("KILL_SWITCH_ACTIVE");
      tab.shows("fleet-test");
      tab.click("Cancel the run of ada");
      tab.fill("cancel-reason", "and this too");
      tab.click("Cancel the run");
      tab.asksNoMore();
      assertThat(client.get(run).json().path("status").asText()).isEqualTo("cancelled");
      tab.click("Release the kill switch");
      tab.asks("Let this workspace go on");
      tab.click("Release");
      tab.showsNoMore("The kill switch is on: nothing starts");

      tab.click("All workspaces");
      tab.until("document.getElementById('filter')?.value === 'sorting'");
      tab.until("document.querySelectorAll('.body .row:not([hidden])').length === 1");
      assertThat(tab.errors()).isEmpty();
    }
  }

  /** How often the page has asked for what has this in its address. */
  private static String asked(String part) {
    return "performance.getEntriesByType('resource').filter(one => one.name.includes('%s')).length"
        .formatted(part);
  }

  @Test
  void stopsTheInstallationOnceThatIsTyped() throws Exception {
    ApiServer.Declared one = site.server().workspace(Plan.BASIC);
    ApiClient client = site.client(site.server().keyWithAllScopes(one.id()));
    ApiClient admin = site.client(key);
    try (Tab tab = fleet()) {
      tab.click("Stop the installation");
      tab.fill("platform-reason", "prompts leak");
      String stop = "document.querySelector('dialog .danger').disabled";
      assertThat(tab.is(stop)).isTrue();
      tab.fill("words", "stop");
      assertThat(tab.is(stop)).isTrue();
      tab.fill("words", "stop everything");
      tab.click("Stop all workspaces now");
      tab.asksNoMore();
      tab.shows("The whole installation is stopped");
      assertThat(client.get("/v1/workspace/").json().path("kill_switch").asBoolean()).isTrue();
      tab.until("/(\\S+) workspaces, \\1 stopped/.test(document.body.innerText)");
      // From then on it looks at the switch alone, not at all that it holds.
      tab.until(asked("/settings") + " > 0");
      tab.eval("performance.clearResourceTimings()");
      tab.until(asked("/settings") + " > 1");
      assertThat(tab.eval(asked("killed=true")).asInt()).isZero();

      tab.click("Let the installation go on");
      tab.fill("words", "go on");
      tab.click("Go on");
      tab.asksNoMore();
      tab.showsNoMore("The whole installation is stopped\n");
      assertThat(client.get("/v1/workspace/").json().path("kill_switch").asBoolean()).isFalse();
    } finally {
      admin.post("/v1/platform/kill-switch", "{\"active\":false}");
    }
  }
}
