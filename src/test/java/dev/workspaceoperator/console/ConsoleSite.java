package dev.workspaceoperator.console;

import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.contract.ApiClient;
import dev.workspaceoperator.env.Chromium;
import java.nio.file.Path;

/** The API, a browser, and a door between them that tests can shut. */
final class ConsoleSite implements AutoCloseable {
  static final int WIDTH = 1280;
  static final int HEIGHT = 900;

  private final ApiServer server;
  private final Door door;
  private final Chromium chromium;
  private final DevTools tools;

  private ConsoleSite(ApiServer server, Chromium chromium) {
    this.server = server;
    this.door = new Door(server.port());
    this.chromium = chromium;
    this.tools = new DevTools(chromium.devTools());
  }

  static ConsoleSite open(Path directory, ApiServer server) throws InterruptedException {
    return new ConsoleSite(
        server,
        Chromium.start(Chromium.find(), directory.resolve("chromium"), System.err::println));
  }

  ApiServer server() {
    return server;
  }

  Door door() {
    return door;
  }

  /** Not through the door. */
  ApiClient client(String key) {
    return ApiClient.with(server.port(), key);
  }

  String url() {
    return "http://127.0.0.1:%d/console/".formatted(door.port());
  }

  /** The console, with nobody signed in. */
  Tab tab() throws InterruptedException {
    Tab tab = Tab.open(tools, WIDTH, HEIGHT);
    tab.scheme("light");
    return tab;
  }

  /** The console of whoever has this key. */
  Tab tab(String key) throws InterruptedException {
    Tab tab = tab();
    tab.go(url());
    signIn(tab, key);
    return tab;
  }

  /** Signs in on the page that asks for it, and waits for what comes then. */
  static void signIn(Tab tab, String key) throws InterruptedException {
    tab.fill("secret", key);
    tab.click("Sign in");
    tab.until("document.querySelector('.badge, .viewport')");
  }

  @Override
  public void close() {
    tools.close();
    chromium.close();
    door.close();
    server.close();
  }
}
