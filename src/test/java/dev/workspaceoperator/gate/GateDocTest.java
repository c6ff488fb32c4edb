package dev.workspaceoperator.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What docs/gate.md refers to is there. */
class GateDocTest {
  private static final Path PAGE = Path.of("docs", "gate.md");
  private static final Path TESTS = Path.of("src", "test", "java");
  private static final Path MUTANTS = Path.of("src", "test", "mutants");
  private static final Path CODES =
      Path.of(
          "src", "main", "java", "dev", "workspaceoperator", "http", "server", "ProblemCode.java");
  private static final Pattern TEST_NAME = Pattern.compile("`(\\w+(?:Test|IT))`");
  private static final Pattern CODE = Pattern.compile("`([A-Z]+(?:_[A-Z]+)+)`");
  private static final Pattern MUTANT_ROW =
      Pattern.compile("(?m)^\\| `([a-z-]+)` \\| (.+) \\| `(\\w+)` \\|$");
  private static final Pattern HEADER =
      Pattern.compile("\\ATest: (\\w+)(?:#(\\w+))?\\*?\\nBreaks: (.+)\\n\\ndiff ");

  @Test
  void everyTestThatItNamesIsThere() throws IOException {
    assertThat(found(TEST_NAME)).hasSizeGreaterThan(5).isSubsetOf(testClasses());
  }

  @Test
  void everyCodeThatItNamesIsOneOfTheApis() throws IOException {
    String codes = Files.readString(CODES);
    assertThat(found(CODE))
        .hasSizeGreaterThan(10)
        .allSatisfy(code -> assertThat(codes).contains(code + "("));
  }

  @Test
  void itsTableHasEveryMutantAsItsPatchSays() throws IOException {
    List<String> rows =
        MUTANT_ROW
            .matcher(Files.readString(PAGE))
            .results()
            .map(row -> row.group(1) + ": " + row.group(2) + " " + row.group(3))
            .toList();
    assertThat(rows).hasSizeGreaterThan(9).isEqualTo(mutants());
  }

  /** Each as its row in the table; its test's class and method are there too. */
  private static List<String> mutants() throws IOException {
    try (Stream<Path> files = Files.list(MUTANTS)) {
      return files
          .filter(file -> file.toString().endsWith(".patch"))
          .sorted()
          .map(GateDocTest::row)
          .toList();
    }
  }

  private static String row(Path patch) {
    try {
      MatchResult header =
          HEADER.matcher(Files.readString(patch)).results().findFirst().orElseThrow();
      String source = Files.readString(source(header.group(1)));
      if (header.group(2) != null) {
        assertThat(source).contains("void " + header.group(2) + "(");
      }
      String name = patch.getFileName().toString().replace(".patch", "");
      return name + ": " + header.group(3) + " " + header.group(1);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Path source(String test) throws IOException {
    try (Stream<Path> files = Files.walk(TESTS)) {
      return files.filter(file -> file.endsWith(test + ".java")).findFirst().orElseThrow();
    }
  }

  private static Set<String> found(Pattern pattern) throws IOException {
    return pattern
        .matcher(Files.readString(PAGE))
        .results()
        .map(it -> it.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> testClasses() throws IOException {
    try (Stream<Path> files = Files.walk(TESTS)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".java"))
          .map(name -> name.substring(0, name.length() - ".java".length()))
          .collect(Collectors.toSet());
    }
  }
}
