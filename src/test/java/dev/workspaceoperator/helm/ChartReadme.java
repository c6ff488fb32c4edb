package dev.workspaceoperator.helm;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes the table of values in the chart's README from the comments in {@code values.yaml}. */
public final class ChartReadme {
  static final Path FILE = Chart.DIRECTORY.resolve("README.md");

  private static final String BEGIN =
      "<!-- Made from values.yaml by \"./mvnw -Pgenerate test-compile\"; do not edit. -->";
  private static final String END = "<!-- End of what is made from values.yaml. -->";

  private ChartReadme() {}

  /** Writes the file. The one argument is the repository's top folder. */
  public static void main(String[] args) throws IOException {
    Path file = Path.of(args[0]).resolve(FILE);
    Files.writeString(file, generate());
    System.out.println("wrote " + file);
  }

  /** The file's text, with the table made anew. */
  static String generate() throws IOException {
    String present = Files.readString(FILE);
    int begin = present.indexOf(BEGIN);
    int end = present.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IllegalStateException(
          "%s must have the lines \"%s\" and \"%s\"".formatted(FILE, BEGIN, END));
    }
    return present.substring(0, begin) + BEGIN + "\n" + table() + present.substring(end);
  }

  private static String table() throws IOException {
    StringBuilder table = new StringBuilder("| value | default | |\n|---|---|---|\n");
    List<ChartValues.Entry> entries = ChartValues.read();
    for (ChartValues.Entry entry : entries) {
      boolean hasKeysOfItsOwn =
          entries.stream().anyMatch(other -> other.path().startsWith(entry.path() + "."));
      String name = "`" + entry.path() + "`";
      table
          .append("| ")
          .append(hasKeysOfItsOwn ? "**" + name + "**" : name)
          .append(" | ")
          .append(hasKeysOfItsOwn ? "" : inCode(entry.value()))
          .append(" | ")
          .append(entry.comment().replace("|", "\\|"))
          .append(" |\n");
    }
    return table.toString();
  }

  private static String inCode(JsonNode value) {
    return "`" + value.toString().replace("|", "\\|") + "`";
  }
}
