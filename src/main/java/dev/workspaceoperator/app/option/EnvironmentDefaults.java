package dev.workspaceoperator.app.option;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
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
public final class EnvironmentDefaults implements IDefaultValueProvider {
  /** What the names of this program's variables begin with. */
  public static final String PREFIX = "WORKSPACE_OPERATOR_";

  /** What Kubernetes adds for each Service whose name starts as our prefix does. */
  private static final Pattern SERVICE_LINK =
      Pattern.compile(
          ".*_(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");

  /** The one that is told from a typo by its value only. */
  private static final Pattern SERVICE_ADDRESS = Pattern.compile("(tcp|udp|sctp)://.*");

  private final Map<String, String> environment;

  /** Those of this environment. */
  public EnvironmentDefaults(Map<String, String> environment) {
    this.environment = environment;
  }

  /** All of it, for variables that are every program's. */
  public Map<String, String> environment() {
    return environment;
  }

  @Override
  public @Nullable String defaultValue(ArgSpec argument) {
    if (argument instanceof OptionSpec option && isSetting(option)) {
      String value = environment.get(variable(option.longestName()));
      // An empty variable counts as absent: that is what a chart writes for a value not given.
      if (value != null && !value.isEmpty()) {
        return value;
      }
    }
    return argument.defaultValue();
  }

  /** The variable that stands for this option. */
  public static String variable(String option) {
    return PREFIX + option.substring(2).replace('-', '_').toUpperCase(Locale.ROOT);
  }

  /** One sentence for each variable with our prefix that no command knows: most often a typo. */
  public List<String> unknownVariables(CommandLine program) {
    Set<String> known = new TreeSet<>();
    collect(program.getCommandSpec(), known);
    List<String> mistakes = new ArrayList<>();
    for (String name : new TreeSet<>(environment.keySet())) {
      if (name.startsWith(PREFIX) && !known.contains(name) && !isServiceLink(name)) {
        mistakes.add(
            "The environment variable %s is not known. Known are: %s."
                .formatted(name, String.join(", ", known)));
      }
    }
    return mistakes;
  }

  private static void collect(CommandSpec command, Set<String> known) {
    for (OptionSpec option : command.options()) {
      if (isSetting(option)) {
        known.add(variable(option.longestName()));
      }
    }
    command.subcommands().values().forEach(sub -> collect(sub.getCommandSpec(), known));
  }

  private boolean isServiceLink(String name) {
    return SERVICE_LINK.matcher(name).matches()
        || (name.endsWith("_PORT")
            && SERVICE_ADDRESS.matcher(environment.getOrDefault(name, "")).matches());
  }

  /** Not {@code --help} and {@code --version}: nobody wants those for every command. */
  private static boolean isSetting(OptionSpec option) {
    return option.longestName().startsWith("--") && !option.usageHelp() && !option.versionHelp();
  }
}
