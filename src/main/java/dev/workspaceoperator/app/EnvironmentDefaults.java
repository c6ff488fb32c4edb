package dev.workspaceoperator.app;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Every option can come from the environment: {@code --database-url} from {@code
 * WORKSPACE_OPERATOR_DATABASE_URL}. A flag beats the environment.
 */
final class EnvironmentDefaults implements IDefaultValueProvider {
  static final String PREFIX = "WORKSPACE_OPERATOR_";

  private final Map<String, String> environment;

  EnvironmentDefaults(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public @Nullable String defaultValue(ArgSpec argument) {
    if (argument instanceof OptionSpec option) {
      String value = environment.get(variable(option.longestName()));
      // An empty variable counts as absent: that is what a chart writes for a value not given.
      if (value != null && !value.isEmpty()) {
        return value;
      }
    }
    return argument.defaultValue();
  }

  /** The variable that stands for this option. */
  static String variable(String option) {
    return PREFIX + option.substring(2).replace('-', '_').toUpperCase(Locale.ROOT);
  }

  /** One sentence for each variable with our prefix that no command knows: most often a typo. */
  List<String> unknownVariables(CommandLine program) {
    Set<String> known = new TreeSet<>();
    collect(program.getCommandSpec(), known);
    List<String> mistakes = new ArrayList<>();
    for (String name : new TreeSet<>(environment.keySet())) {
      if (name.startsWith(PREFIX) && !known.contains(name)) {
        mistakes.add(
            "The environment variable %s is not known. Known are: %s."
                .formatted(name, String.join(", ", known)));
      }
    }
    return mistakes;
  }

  private static void collect(CommandSpec command, Set<String> known) {
    for (OptionSpec option : command.options()) {
      if (option.longestName().startsWith("--")) {
        known.add(variable(option.longestName()));
      }
    }
    command.subcommands().values().forEach(sub -> collect(sub.getCommandSpec(), known));
  }
}
