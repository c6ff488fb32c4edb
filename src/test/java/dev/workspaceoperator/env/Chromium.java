package dev.workspaceoperator.env;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A real Chromium on this machine, without a window, that is driven by its DevTools protocol. Never
 * outlives this JVM.
 *
 * <p>{@code -Dchromium=/path/to/chromium} names another one than the machine's.
 */
public final class Chromium implements AutoCloseable {
  private static final String GIVEN_PROGRAM = "chromium";
  private static final Path FINDER = Path.of("src/test/chromium/find").toAbsolutePath();
  private static final Duration FIND_BOUND = Duration.ofMinutes(6);
  private static final Duration START_BOUND = Duration.ofSeconds(30);
  private static final Duration STOP_GRACE = Duration.ofSeconds(5);

  /** Nothing of its own on the network, and nothing that depends on the machine's processor. */
  private static final List<String> FLAGS =
      List.of(
          "--headless=new",
          "--remote-debugging-port=0",
          "--remote-allow-origins=*",
          "--no-first-run",
          "--no-default-browser-check",
          "--no-sandbox",
          "--no-proxy-server",
          "--disable-gpu",
          "--disable-dev-shm-usage",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-default-apps",
          "--disable-extensions",
          "--disable-sync",
          "--disable-features=Translate,MediaRouter,OptimizationHints",
          "--metrics-recording-only",
          "--mute-audio",
          "--password-store=basic",
          "--hide-scrollbars",
          "--force-color-profile=srgb",
          "--lang=en-US");

  private final EmbeddedProcess process;
  private final Path profile;
  private final URI devTools;

  private Chromium(EmbeddedProcess process, Path profile, URI devTools) {
    this.process = process;
    this.profile = profile;
    this.devTools = devTools;
  }

  /**
   * The program.
   *
   * @throws IllegalStateException if there is none and none can be had; it says what to install
   */
  public static String find() throws InterruptedException {
    String given = System.getProperty(GIVEN_PROGRAM);
    return given != null
        ? given
        : CommandResult.of(new ProcessBuilder(FINDER.toString()), "", FIND_BOUND).orThrow().strip();
  }

  /**
   * Starts it, and returns once it can be driven.
   *
   * @param directory for its profile and its log
   */
  public static Chromium start(String program, Path directory, Consumer<String> progress)
      throws InterruptedException {
    PrivateFiles.createDirectory(directory);
    Path profile = directory.resolve("profile");
    Path portFile = profile.resolve("DevToolsActivePort");
    List<String> command = new ArrayList<>();
    command.add(program);
    command.addAll(FLAGS);
    command.add("--user-data-dir=" + profile);
    command.add("about:blank");
    EmbeddedProcess process = EmbeddedProcess.start("chromium", command, directory, progress);
    try {
      Readiness.await("chromium", process, START_BOUND, () -> hasTwoLines(portFile));
      List<String> lines = Files.readAllLines(portFile);
      return new Chromium(
          process,
          profile,
          URI.create("ws://127.0.0.1:%s%s".formatted(lines.get(0), lines.get(1))));
    } catch (IOException | KubeUnavailableException e) {
      process.kill();
      throw new IllegalStateException("Chromium does not start: " + process.logTail(), e);
    }
  }

  /** Where its DevTools protocol is spoken, by WebSocket. */
  public URI devTools() {
    return devTools;
  }

  /** What it said last. */
  public String logTail() {
    return process.logTail();
  }

  @Override
  public void close() {
    try {
      process.stop(STOP_GRACE);
      // What it leaves to find itself by leads out of its profile.
      for (String link : List.of("SingletonCookie", "SingletonLock", "SingletonSocket")) {
        Files.deleteIfExists(profile.resolve(link));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean hasTwoLines(Path file) throws IOException {
    return Files.exists(file) && Files.readAllLines(file).size() >= 2;
  }
}
