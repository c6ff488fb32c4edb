package dev.workspaceoperator.versions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The table of the versions that were tried, of which each has one row in docs/install.md. */
final class TriedTable {
  static final Path DOCUMENT = Path.of("docs", "install.md");
  static final String HEAD =
      """
      | server | day | tests | skipped | failed | seconds |
      |---|---|---|---|---|---|
      """;

  private TriedTable() {}

  /** A row of it, with its line end. */
  static String row(Trial trial, SuiteOutcome outcome, LocalDate day, long seconds) {
    return "| %s %s%s | %s | %d | %d | %d | %d |\n"
        .formatted(
            trial.subject().title(),
            outcome.served(),
            trial.where().isEmpty() ? "" : ", " + trial.where(),
            day,
            outcome.tests(),
            outcome.skipped(),
            outcome.failed().size(),
            seconds);
  }

  /** The first cell of each row of the document. */
  static List<String> servers() throws IOException {
    return rows(Files.readString(DOCUMENT)).stream().map(TriedTable::server).toList();
  }

  /** Puts rows in the place of those of the same server and major version. */
  static void put(List<String> rows) throws IOException {
    String text = Files.readString(DOCUMENT);
    for (String row : rows) {
      Optional<String> old =
          rows(text).stream().filter(it -> isOfSame(server(it), server(row))).findFirst();
      text = old.isPresent() ? text.replace(old.get() + "\n", row) : text.replace(HEAD, HEAD + row);
    }
    Files.writeString(DOCUMENT, text);
  }

  private static List<String> rows(String text) {
    int begin = text.indexOf(HEAD);
    if (begin < 0) {
      throw new IllegalStateException("%s has no table that begins\n%s".formatted(DOCUMENT, HEAD));
    }
    return text.substring(begin + HEAD.length())
        .lines()
        .takeWhile(line -> line.startsWith("| "))
        .toList();
  }

  private static String server(String row) {
    return row.split(" \\| ", 2)[0].substring("| ".length());
  }

  /** PostgreSQL's major version is one number, Kubernetes's is two. */
  private static boolean isOfSame(String one, String other) {
    return identity(one).equals(identity(other));
  }

  private static List<String> identity(String server) {
    String[] words = server.split("[ ,]+", -1);
    List<String> identity = new ArrayList<>();
    identity.add(words[0]);
    String[] numbers = words[1].split("\\.", -1);
    Stream.of(numbers).limit(numbers.length - 1).forEach(identity::add);
    identity.add(words[words.length - 1].replace(words[1], ""));
    return identity;
  }
}
