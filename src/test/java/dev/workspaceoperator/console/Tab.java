package dev.workspaceoperator.console;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** One page in a browser's profile of its own, driven as a person would. */
final class Tab implements AutoCloseable {
  static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration POLL = Duration.ofMillis(40);

  private final DevTools tools;
  private final String profile;
  private final String session;
  private final Queue<String> errors = new ConcurrentLinkedQueue<>();
  private final Queue<String> requests = new ConcurrentLinkedQueue<>();
  private final AtomicLong bytes = new AtomicLong();

  private Tab(DevTools tools, String profile, String session) {
    this.tools = tools;
    this.profile = profile;
    this.session = session;
  }

  /** A new one, of this size. */
  static Tab open(DevTools tools, int width, int height) throws InterruptedException {
    String profile =
        tools.call("Target.createBrowserContext", Map.of()).path("browserContextId").asText();
    String target =
        tools
            .call("Target.createTarget", Map.of("url", "about:blank", "browserContextId", profile))
            .path("targetId")
            .asText();
    String session =
        tools
            .call("Target.attachToTarget", Map.of("targetId", target, "flatten", true))
            .path("sessionId")
            .asText();
    Tab tab = new Tab(tools, profile, session);
    tools.listen(session, tab::happened);
    for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
      tab.call(domain + ".enable", Map.of());
    }
    // Otherwise only one page of all has the focus.
    tab.call("Emulation.setFocusEmulationEnabled", Map.of("enabled", true));
    tab.size(width, height, 1);
    return tab;
  }

  private void happened(String method, JsonNode what) {
    switch (method) {
      case "Runtime.exceptionThrown" ->
          errors.add(what.at("/exceptionDetails/exception/description").asText(what.toString()));
      case "Log.entryAdded" -> {
        // That an answer is no good is told too, and is nobody's mistake.
        if (what.at("/entry/level").asText().equals("error")
            && !what.at("/entry/source").asText().equals("network")) {
          errors.add(what.path("entry").toString());
        }
      }
      case "Runtime.consoleAPICalled" -> {
        if (what.path("type").asText().equals("error")) {
          errors.add(what.path("args").toString());
        }
      }
      case "Network.requestWillBeSent" -> requests.add(what.at("/request/url").asText());
      case "Network.loadingFinished" -> bytes.addAndGet(what.path("encodedDataLength").asLong());
      default -> {
        // Of no interest.
      }
    }
  }

  JsonNode call(String method, Map<String, ?> parameters) throws InterruptedException {
    return tools.call(session, method, parameters);
  }

  /** What has gone wrong in the page: exceptions, and what its policy forbids. */
  List<String> errors() {
    return List.copyOf(errors);
  }

  /** Every address that was asked for. */
  List<String> requests() {
    return List.copyOf(requests);
  }

  /** Bytes that came over the network, heads of answers among them. */
  long bytes() {
    return bytes.get();
  }

  void size(int width, int height, int scale) throws InterruptedException {
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of(
            "width", width, "height", height, "deviceScaleFactor", scale, "mobile", width < 600));
  }

  void scheme(String lightOrDark) throws InterruptedException {
    call(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(
                Map.of("name", "prefers-color-scheme", "value", lightOrDark),
                Map.of("name", "prefers-reduced-motion", "value", "reduce"))));
  }

  /** Where files go that the page saves. */
  void saveInto(Path directory) throws InterruptedException {
    tools.call(
        "Browser.setDownloadBehavior",
        Map.of(
            "behavior",
            "allow",
            "browserContextId",
            profile,
            "downloadPath",
            directory.toString()));
  }

  /** Runs in each page before its own scripts. */
  void beforeScripts(String script) throws InterruptedException {
    call("Page.addScriptToEvaluateOnNewDocument", Map.of("source", script));
  }

  void go(String url) throws InterruptedException {
    JsonNode gone = call("Page.navigate", Map.of("url", url));
    if (gone.has("errorText")) {
      throw new AssertionError(url + ": " + gone.path("errorText").asText());
    }
    until("document.readyState === 'complete'");
  }

  /** What an expression, or the promise that it is, gives. */
  JsonNode eval(String expression) throws InterruptedException {
    Map<String, Object> parameters = new HashMap<>();
    parameters.put("expression", expression);
    parameters.put("returnByValue", true);
    parameters.put("awaitPromise", true);
    parameters.put("userGesture", true);
    JsonNode answer = call("Runtime.evaluate", parameters);
    if (answer.has("exceptionDetails")) {
      throw new AssertionError(expression + ": " + answer.path("exceptionDetails"));
    }
    return answer.at("/result/value");
  }

  boolean is(String expression) throws InterruptedException {
    return eval("Boolean(" + expression + ")").asBoolean();
  }

  /** Waits until this holds. */
  void until(String expression) {
    until(expression, SOON);
  }

  void until(String expression, Duration bound) {
    try {
      await(expression)
          .atMost(bound)
          .pollDelay(Duration.ZERO)
          .pollInterval(POLL)
          .ignoreExceptionsMatching(e -> e.getMessage() != null)
          .until(() -> is(expression));
    } catch (org.awaitility.core.ConditionTimeoutException e) {
      throw new AssertionError(
          "not within %s: %s; the page shows: %s; errors: %s"
              .formatted(bound, expression, textQuietly(), errors),
          e);
    }
  }

  /** Waits until the page shows this text. */
  void shows(String text) {
    until("document.body.innerText.includes(" + quoted(text) + ")");
  }

  void showsNoMore(String text) {
    until("!document.body.innerText.includes(" + quoted(text) + ")");
  }

  /** All that the page shows. */
  String text() throws InterruptedException {
    return eval("document.body.innerText").asText();
  }

  private String textQuietly() {
    try {
      return text();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "(interrupted)";
    } catch (AssertionError e) {
      return "(nothing: " + e.getMessage() + ")";
    }
  }

  /** Clicks the first button or link in sight whose name begins so. */
  void click(String name) throws InterruptedException {
    String find =
        "[...(document.querySelector('dialog[open]') ?? document).querySelectorAll('button, a, summary')]"
            + ".find(one => !one.disabled && one.textContent.replace(/\\s+/g, ' ').trim().startsWith("
            + quoted(name)
            + "))";
    until(find);
    eval(find + ".click()");
  }

  /** Waits until a question is asked. */
  void asks(String title) {
    until(
        "document.querySelector('dialog[open] h2')?.innerText.startsWith(%s)"
            .formatted(quoted(title)));
  }

  /** Waits until no question is asked. */
  void asksNoMore() {
    until("!document.querySelector('dialog')");
  }

  /** Types into the field of this id, in place of what it holds. */
  void fill(String id, String text) throws InterruptedException {
    String field = "document.getElementById(" + quoted(id) + ")";
    until(field);
    eval(field + ".focus(), " + field + ".select?.()");
    call("Input.insertText", Map.of("text", text));
  }

  /** Presses a key and lets it go. */
  void press(String key) throws InterruptedException {
    press(key, 0);
  }

  void shiftTab() throws InterruptedException {
    press("Tab", 8);
  }

  private void press(String key, int modifiers) throws InterruptedException {
    Map<String, Integer> codes =
        Map.of("Tab", 9, "Enter", 13, "Escape", 27, "Space", 32, "ArrowDown", 40, "End", 35);
    String text = key.equals("Enter") ? "\r" : key.equals("Space") ? " " : "";
    Map<String, Object> event = new HashMap<>();
    event.put("key", key.equals("Space") ? " " : key);
    event.put("code", key);
    event.put("windowsVirtualKeyCode", codes.getOrDefault(key, 0));
    event.put("modifiers", modifiers);
    event.put("type", text.isEmpty() ? "rawKeyDown" : "keyDown");
    if (!text.isEmpty()) {
      event.put("text", text);
    }
    call("Input.dispatchKeyEvent", event);
    event.put("type", "keyUp");
    event.remove("text");
    call("Input.dispatchKeyEvent", event);
  }

  void type(String text) throws InterruptedException {
    call("Input.insertText", Map.of("text", text));
  }

  /** Presses Tab until what has the focus says this; where that is. */
  void tabTo(String name) throws InterruptedException {
    List<String> passed = new ArrayList<>();
    for (int i = 0; i < 80; i++) {
      press("Tab");
      String focused =
          eval("(one => (one.labels?.[0]?.innerText ?? one.ariaLabel ?? one.textContent).trim())(document.activeElement)")
              .asText();
      if (focused.startsWith(name)) {
        return;
      }
      passed.add(focused.lines().findFirst().orElse(""));
    }
    throw new AssertionError(name + " is not reached by Tab, only: " + passed);
  }

  /** A picture of what is in sight. */
  byte[] picture() throws InterruptedException {
    return Base64.getDecoder()
        .decode(
            call("Page.captureScreenshot", Map.of("format", "png", "optimizeForSpeed", false))
                .path("data")
                .asText());
  }

  static String quoted(String text) {
    return DevTools.JSON.valueToTree(text).toString();
  }

  @Override
  public void close() {
    try {
      tools.call("Target.disposeBrowserContext", Map.of("browserContextId", profile));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
