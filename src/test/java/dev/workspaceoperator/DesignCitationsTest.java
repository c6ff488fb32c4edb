package dev.workspaceoperator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is cited of the design is there. */
class DesignCitationsTest {
  private static final Path DESIGN = Path.of("docs", "design.md");
  private static final List<String> PLACES = List.of("src", "helm", "examples", "tools", "docs");
  private static final Pattern TEXT =
      Pattern.compile(".*\\.(java|md|yaml|yml|json|tpl|txt|sql|sh|py|options)");

  /** Also over the end of a line of a comment. */
  private static final Pattern CITATION =
      Pattern.compile("design\\.md((?:[\\s*/#,]|and|to|§\\d+(?:\\.\\d+)?)*)");

  private static final Pattern SECTION = Pattern.compile("§(\\d+(?:\\.\\d+)?)");
  private static final Pattern HEADING = Pattern.compile("## (\\d+)\\. .*");
  private static final Pattern POINT = Pattern.compile("(\\d+)\\. .*");

  @Test
  void everyCitationLeadsSomewhere() throws IOException {
    Set<String> sections = sections(Files.readAllLines(DESIGN));
    List<String> lost = new ArrayList<>();
    int found = 0;
    for (Path file : files()) {
      Matcher citation = CITATION.matcher(Files.readString(file));
      while (citation.find()) {
        Matcher section = SECTION.matcher(citation.group(1));
        while (section.find()) {
          found++;
          if (!sections.contains(section.group(1))) {
            lost.add(file + " cites §" + section.group(1));
          }
        }
      }
    }

    assertThat(lost).isEmpty();
    assertThat(found).as("citations").isGreaterThan(50);
  }

  /** Such as 3 and 3.2. */
  private static Set<String> sections(List<String> lines) {
    Set<String> sections = new HashSet<>();
    String last = "";
    for (String line : lines) {
      Matcher heading = HEADING.matcher(line);
      Matcher point = POINT.matcher(line);
      if (heading.matches()) {
        last = heading.group(1);
        sections.add(last);
      } else if (point.matches()) {
        sections.add(last + "." + point.group(1));
      }
    }
    return sections;
  }

  private static List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    for (String place : PLACES) {
      try (Stream<Path> tree = Files.walk(Path.of(place))) {
        tree.filter(file -> TEXT.matcher(file.getFileName().toString()).matches())
            .forEach(files::add);
      }
    }
    return files;
  }
}
