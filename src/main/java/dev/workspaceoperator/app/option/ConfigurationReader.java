package dev.workspaceoperator.app.option;

import dev.workspaceoperator.trace.TraceExport;
import dev.workspaceoperator.workspace.Bounds;
import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.MicroUsd;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Reads options into values and collects every mistake, so that a person mends them all at once.
 * Values that may be secret are never repeated in a message.
 */
public final class ConfigurationReader {
  private static final Pattern ADDRESS = Pattern.compile("(\\[[^\\]]+\\]|[^:]*):(\\d{1,5})");

  private final List<String> mistakes = new ArrayList<>();
  private final Map<String, String> environment;

  private ConfigurationReader(Map<String, String> environment, List<String> mistakes) {
    this.environment = environment;
    this.mistakes.addAll(mistakes);
  }

  /** A reader for the options of this command; variables that no command knows are mistakes. */
  public static ConfigurationReader of(@Nullable CommandSpec command) {
    CommandLine program = Objects.requireNonNull(command).root().commandLine();
    return program.getDefaultValueProvider() instanceof EnvironmentDefaults defaults
        ? new ConfigurationReader(defaults.environment(), defaults.unknownVariables(program))
        : new ConfigurationReader(Map.of(), List.of());
  }

  /** The environment, for variables that are every program's. */
  public Map<String, String> environment() {
    return environment;
  }

  /** Where this role tells its spans, as the variables of OpenTelemetry say; it has begun then. */
  public TraceExport traces(String role, String version) {
    return TraceExport.open(environment, role, version, this::mistake);
  }

  /** Notes a mistake: a full sentence that says how to mend it. */
  public void mistake(String sentence) {
    mistakes.add(sentence);
  }

  /** A value that must be given. */
  public String required(String option, @Nullable String value) {
    if (value == null || value.isBlank()) {
      mistake(
          "%s is required (or the environment variable %s)."
              .formatted(option, EnvironmentDefaults.variable(option)));
      return "";
    }
    return value;
  }

  /** A whole number within bounds. */
  public int integer(String option, String value, int min, int max) {
    try {
      int number = Integer.parseInt(value.strip());
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Reported below, with the bounds.
    }
    mistake(
        "%s must be a whole number from %d to %d, not \"%s\".".formatted(option, min, max, value));
    return min;
  }

  /** An amount of US dollars, from 0 to this. */
  public MicroUsd usd(String option, String value, long max) {
    try {
      BigDecimal amount = new BigDecimal(value.strip());
      boolean isExact = amount.stripTrailingZeros().scale() <= MicroUsd.DECIMALS;
      if (isExact && amount.signum() >= 0 && amount.compareTo(BigDecimal.valueOf(max)) <= 0) {
        return MicroUsd.ofUsd(amount);
      }
    } catch (NumberFormatException e) {
      // Reported below, with the bounds.
    }
    mistake(
        "%s must be US dollars from 0 to %d with at most %d decimals, such as 0.01, not \"%s\"."
            .formatted(option, max, MicroUsd.DECIMALS, value));
    return MicroUsd.ZERO;
  }

  /** A budget as it is written in manifests: {@code 100}, {@code 25.50} or {@code unlimited}. */
  public Budget budget(String option, String value) {
    return Budget.ofText(value.strip())
        .orElseGet(() -> {
          mistake(
              "%s must be US dollars from 0 to %d with at most %d decimals, such as 25.50, or %s, not \"%s\"."
                  .formatted(
                      option,
                      Bounds.BUDGET_USD_MAX,
                      MicroUsd.DECIMALS,
                      Budget.UNLIMITED_WORD,
                      value));
          return Budget.UNLIMITED;
        });
  }

  /** {@code true} or {@code false}. */
  public boolean bool(String option, String value) {
    if (!value.equals("true") && !value.equals("false")) {
      mistake("%s must be true or false, not \"%s\".".formatted(option, value));
    }
    return value.equals("true");
  }

  /** {@code host:port}, or {@code :port} for every interface. */
  public ListenAddress address(String option, String value) {
    var matcher = ADDRESS.matcher(value);
    if (matcher.matches() && Integer.parseInt(matcher.group(2)) <= 65_535) {
      String host = matcher.group(1).replace("[", "").replace("]", "");
      return new ListenAddress(
          host.isEmpty() ? "0.0.0.0" : host, Integer.parseInt(matcher.group(2)));
    }
    mistake(
        "%s must be host:port with a port from 0 to 65535, such as 0.0.0.0:9090, not \"%s\"."
            .formatted(option, value));
    return new ListenAddress("0.0.0.0", 0);
  }

  /** A readable file; empty if none is named, or one that cannot be read. */
  public Optional<Path> file(String option, @Nullable String value) {
    if (value == null || value.isBlank()) {
      return Optional.empty();
    }
    Path path = Path.of(value);
    if (Files.isDirectory(path) || !Files.isReadable(path)) {
      mistake("%s names the file %s, which cannot be read.".formatted(option, value));
      return Optional.empty();
    }
    return Optional.of(path);
  }

  /** A comma-separated list; each item must match. */
  public Set<String> list(String option, @Nullable String value, Pattern item, String itemMeaning) {
    Set<String> items = list(value);
    for (String text : items) {
      if (!item.matcher(text).matches()) {
        mistake("%s: \"%s\" is not %s.".formatted(option, text, itemMeaning));
      }
    }
    return items;
  }

  /** A comma-separated list of anything. */
  public Set<String> list(@Nullable String value) {
    return value == null
        ? Set.of()
        : Arrays.stream(value.split(","))
            .map(String::strip)
            .filter(text -> !text.isEmpty())
            .collect(
                Collectors.collectingAndThen(
                    Collectors.toCollection(TreeSet::new), Collections::unmodifiableSet));
  }

  /** One of a few words. */
  public String word(String option, String value, List<String> words) {
    if (!words.contains(value)) {
      mistake("%s must be %s, not \"%s\".".formatted(option, String.join(" or ", words), value));
    }
    return value;
  }

  /**
   * Ends the reading.
   *
   * @throws InvalidConfigurationException with every mistake, if there are any
   */
  public void finish() {
    if (!mistakes.isEmpty()) {
      throw new InvalidConfigurationException(mistakes);
    }
  }
}
