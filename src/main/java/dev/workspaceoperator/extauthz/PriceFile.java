package dev.workspaceoperator.extauthz;

import dev.workspaceoperator.loop.Loop;
import dev.workspaceoperator.loop.Pause;
import dev.workspaceoperator.metric.Metric;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of prices that is read again when it changes. What is wrong with a changed one is logged,
 * and the prices that were good before go on.
 */
public final class PriceFile implements AutoCloseable {
  private static final Duration LOOK_EVERY = Duration.ofSeconds(2);

  /** LiteLLM's own has 2 MB. */
  private static final long BYTES_MAX = 32L * 1024 * 1024;

  private static final int MISTAKES_LOGGED_MAX = 20;
  private static final Logger log = LoggerFactory.getLogger(PriceFile.class);

  private final Path file;
  private volatile PriceList prices;
  private volatile boolean good = true;
  private byte[] read;
  private Set<String> reported = Set.of();
  private volatile boolean closed;

  private PriceFile(Path file, byte[] read, PriceList prices) {
    this.file = file;
    this.read = read;
    this.prices = prices;
  }

  /**
   * Reads it for the first time.
   *
   * @param mistakes is told each thing that is wrong with it; what is returned is of use only if it
   *     was told none
   */
  public static PriceFile read(Path file, Consumer<String> mistakes) {
    Set<String> found = new LinkedHashSet<>();
    byte[] text = bytes(file, found);
    PriceList prices = PriceList.read(text, found::add);
    found.forEach(mistakes);
    return new PriceFile(file, text, prices);
  }

  /** Looks at it from time to time until it is closed. */
  public void watch(MeterRegistry registry) {
    Metric.EXT_AUTHZ_PRICE_FILE_GOOD.gauge(registry, () -> isGood() ? 1 : 0);
    Metric.EXT_AUTHZ_PRICED_MODELS.gauge(registry, () -> prices.size());
    Thread _ = Thread.ofVirtual().name("price-file").start(Loop.kept("price-file", this::look));
  }

  private void look() {
    while (Pause.of(LOOK_EVERY) && !closed) {
      lookOnce();
    }
  }

  /** Reads the file again if it is another one. */
  synchronized void lookOnce() {
    Set<String> found = new LinkedHashSet<>();
    byte[] text = bytes(file, found);
    if (found.isEmpty() && Arrays.equals(text, read)) {
      tell(found);
      return;
    }
    PriceList changed = found.isEmpty() ? PriceList.read(text, found::add) : prices;
    if (found.isEmpty()) {
      prices = changed;
      read = text;
      log.atInfo()
          .addKeyValue("file", file)
          .addKeyValue("models", changed.size())
          .log("The price file has changed and was read");
    }
    tell(found);
  }

  private void tell(Set<String> found) {
    good = found.isEmpty();
    if (found.equals(reported)) {
      return;
    }
    reported = found;
    if (!found.isEmpty()) {
      log.atError()
          .addKeyValue("file", file)
          .addKeyValue("mistakes", found.size())
          .addKeyValue(
              "first", String.join("; ", found.stream().limit(MISTAKES_LOGGED_MAX).toList()))
          .log("The price file has changed and cannot be used: the prices before go on");
    }
  }

  private static byte[] bytes(Path file, Set<String> mistakes) {
    try {
      if (Files.size(file) > BYTES_MAX) {
        mistakes.add("it has more than 32 MiB");
        return new byte[0];
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      mistakes.add("it cannot be read: " + Objects.requireNonNullElse(e.getMessage(), "no reason"));
      return new byte[0];
    }
  }

  /** The prices of now. */
  PriceList prices() {
    return prices;
  }

  /** Whether it could be read when it last changed. */
  boolean isGood() {
    return good;
  }

  @Override
  public void close() {
    closed = true;
  }
}
