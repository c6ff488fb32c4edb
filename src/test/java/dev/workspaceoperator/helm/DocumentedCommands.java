package dev.workspaceoperator.helm;

import dev.workspaceoperator.env.CommandResult;
import dev.workspaceoperator.env.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The commands of a page of {@code docs}: all that stands in blocks marked as {@code sh}. */
final class DocumentedCommands {
  private static final Pattern BLOCK =
      Pattern.compile("(?m)^( *)```sh\\n(.*?)^ *```$", Pattern.DOTALL | Pattern.MULTILINE);

  private DocumentedCommands() {}

  /** The blocks in their order. */
  static List<String> of(String page) throws IOException {
    return BLOCK
        .matcher(Files.readString(Path.of("docs", page)))
        .results()
        .map(block -> block.group(2).replaceAll("(?m)^" + block.group(1), ""))
        .toList();
  }

  /**
   * Runs one block in the repository's top folder, and gives what it prints.
   *
   * @param readers what the reader has set, by its variable
   */
  static CommandResult run(String block, Map<String, String> readers, HelmCluster cluster)
      throws InterruptedException {
    String exports =
        readers.entrySet().stream()
            .map(variable -> "export %s='%s'\n".formatted(variable.getKey(), variable.getValue()))
            .collect(Collectors.joining());
    return Shell.run("set -euo pipefail\n" + exports + block, cluster.server, cluster.helm);
  }
}
