package dev.workspaceoperator.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the console looks, to whom, and how soon. */
@SuppressWarnings("NullAway.Init") // Set up before all tests.
class ConsoleLooksIT {
  private static final Path PICTURES = Path.of("docs");
  private static final int PICTURE_BYTES_MAX = 150 * 1024;
  private static final long FIRST_LOAD_BYTES_MAX = 150 * 1024;

  private static ConsoleSite site;
  private static String key;

  @BeforeAll
  static void open(@TempDir Path directory) throws InterruptedException {
    site = ConsoleSite.open(directory, ApiServer.start());
    ApiServer.Declared workspace = site.server().workspaceWithBudget(Plan.SCALE, "200");
    key = site.server().keyWithAllScopes(workspace.id());
    fill(site.client(key));
  }

  /** A team at work. */
  private static void fill(ApiClient client) {
    client.patch(
        "/v1/workspace/",
        "{\"name\":\"Research agents\",\"user_daily_budget_usd\":60,\"monthly_budget_usd\":2000,\"max_concurrent_runs\":12}");
    double[] costs = {41.2, 23.75, 18.4, 12.05, 6.3, 2.85};
    String[] users = {"ada", "grace", "edsger", "barbara", "alan", "katherine"};
    for (int i = 0; i < users.length; i++) {
      String run =
          client
              .post(
                  "/v1/runs",
                  "{\"user_id\":\"%s\",\"lease_seconds\":3600,\"labels\":{\"agent\":\"%s\"}}"
                      .formatted(users[i], i % 2 == 0 ? "literature" : "evaluation"))
              .header("Location");
      String step = client.post(run + "/steps", "{\"max_cost_usd\":45}").json().path("id").asText();
      client.post(run + "/steps/" + step + "/settle", "{\"cost_usd\":%s}".formatted(costs[i]));
      client.post(run + "/steps", "{\"max_cost_usd\":1.5}");
    }
    client.post(
        "/v1/workspace/overrides",
        "{\"max_concurrent_runs\":20,\"expires_at\":\"%s\",\"reason\":\"The evaluation before the release\"}"
            .formatted(site.server().now().plusSeconds(7_150)));
  }

  @AfterAll
  static void close() {
    site.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"light", "dark"})
  void axeFindsNothing(String scheme) throws Exception {
    try (Tab tab = site.tab()) {
      tab.scheme(scheme);
      tab.go(site.url());
      tab.shows("API key or token");
      assertThat(Axe.violations(tab)).as("sign-in").isEmpty();

      ConsoleSite.signIn(tab, key);
      tab.shows("Overrides in force");
      tab.shows("katherine");
      assertThat(Axe.violations(tab)).as("workspace").isEmpty();

      for (String button :
          List.of("Kill switch", "Override Daily", "Change User", "Cancel the run")) {
        tab.click(button);
        tab.asks("");
        assertThat(Axe.violations(tab)).as(button).isEmpty();
        tab.press("Escape");
        tab.asksNoMore();
      }

      ApiClient client = site.client(key);
      client.post("/v1/workspace/kill-switch", "{\"active\":true,\"reason\":\"a look at it\"}");
      tab.shows("The kill switch is on");
      site.door().shut();
      tab.until("document.querySelector('main.stale')");
      assertThat(Axe.violations(tab)).as("stopped, and the API is away").isEmpty();
    } finally {
      site.door().open();
      site.client(key).post("/v1/workspace/kill-switch", "{\"active\":false}");
    }
    try (Tab tab = site.tab()) {
      tab.scheme(scheme);
      tab.go(site.url());
      ConsoleSite.signIn(tab, site.server().fleetKey(Scope.FLEET_READ, Scope.FLEET_WRITE));
      tab.until("document.querySelector('main').ariaBusy === 'false'");
      assertThat(Axe.violations(tab)).as("fleet").isEmpty();
      tab.click("Stop the installation");
      tab.asks("Stop the whole installation");
      assertThat(Axe.violations(tab)).as("platform switch").isEmpty();
    }
  }

  /** Nothing is cut off, and only tables scroll sideways (WCAG 2.2, 1.4.10). */
  @ParameterizedTest
  @ValueSource(ints = {360, 768, 1280, 3840})
  void fitsAnyWidth(int width) throws Exception {
    for (String credential : List.of(key, site.server().fleetKey(Scope.FLEET_READ))) {
      try (Tab tab = site.tab()) {
        tab.size(width, 800, 1);
        tab.go(site.url());
        ConsoleSite.signIn(tab, credential);
        tab.until(
            credential.equals(key)
                ? "document.querySelector('.people li')"
                : "document.querySelector('main').ariaBusy === 'false'");
        assertThat(tab.eval("document.scrollingElement.scrollWidth").asInt())
            .as(
                tab.eval(
                        "[...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > innerWidth + 1).map(one => one.outerHTML.slice(0, 120)).slice(0, 12).join('\\n')")
                    .asText())
            .isLessThanOrEqualTo(width);
        assertThat(
                tab.eval(
                        "[...document.querySelectorAll('main > *, .card')].filter(one => one.getBoundingClientRect().right > innerWidth + 1).length")
                    .asInt())
            .isZero();
      }
    }
  }

  @Test
  void theFirstLoadIsSmallAndThereSoon() throws Exception {
    // What a server does for the first time takes longer.
    site.tab(key).close();
    try (Tab tab = site.tab()) {
      long askedAt = System.nanoTime();
      tab.go(site.url());
      tab.until("document.getElementById('secret')");
      long there = (System.nanoTime() - askedAt) / 1_000_000;
      long toSignIn = tab.bytes();
      ConsoleSite.signIn(tab, key);
      tab.shows("katherine");
      System.out.printf(
          "First load: %d bytes to the sign-in after %d ms, %d with a workspace and its answers%n",
          toSignIn, there, tab.bytes());
      assertThat(tab.bytes()).isBetween(10_000L, FIRST_LOAD_BYTES_MAX);
      assertThat(tab.requests())
          .allMatch(
              url -> url.startsWith(site.url().replace("console/", "")) || url.startsWith("blob:"));
      assertThat(tab.errors()).isEmpty();
    }
  }

  /** With -Ddocs.write=true: the pictures of the pages. */
  @Test
  void thePicturesOfThePagesAreThere() throws Exception {
    if (Boolean.getBoolean("docs.write")) {
      draw("console-light.png", "light", 1280, 1000, 1);
      draw("console-dark.png", "dark", 1280, 1000, 1);
      draw("console-mobile.png", "light", 390, 844, 1);
    }
    for (String name : List.of("console-light.png", "console-dark.png", "console-mobile.png")) {
      assertThat(PICTURES.resolve(name))
          .as("run ConsoleLooksIT with -Ddocs.write=true")
          .isNotEmptyFile();
      assertThat(Files.size(PICTURES.resolve(name))).isLessThanOrEqualTo(PICTURE_BYTES_MAX);
    }
  }

  private static void draw(String name, String scheme, int width, int height, int scale)
      throws InterruptedException, IOException {
    try (Tab tab = site.tab()) {
      tab.scheme(scheme);
      tab.size(width, height, scale);
      tab.go(site.url());
      ConsoleSite.signIn(tab, key);
      tab.shows("katherine");
      tab.shows("Overrides in force");
      tab.until("document.fonts.status === 'loaded'");
      Files.write(PICTURES.resolve(name), tab.picture());
    }
  }
}
