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
    client.patch("/v1/workspace/", "{\"name\":\"<b>zebra</b>\"}");
    client.post("/v1/workspace/kill-switch", "{\"active\":true,\"reason\":\"a loop\"}");
    try (Tab tab = fleet()) {
      tab.shows("1 stopped");
      assertThat(tab.eval(FIRST + ".innerText").asText()).contains("stopped", "<b>zebra</b>");
      tab.click("Workspace");
      tab.until("document.querySelector('.columnheader, .cell.called').ariaSort === 'ascending'");
      assertThat(tab.eval(FIRST + ".innerText").asText()).contains("<b>zebra</b>");
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
