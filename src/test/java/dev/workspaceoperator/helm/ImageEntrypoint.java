package dev.workspaceoperator.helm;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the image starts, from its Dockerfile, on this machine. */
final class ImageEntrypoint {
  private static final String INSTRUCTION = "ENTRYPOINT ";

  /** Where the Dockerfile puts what {@code mvnw package} leaves in {@code target}. */
  private static final String APPLICATION = "/app/workspace-operator.jar";

  private ImageEntrypoint() {}

  /** The entrypoint with this JVM's java, and the jar that was built. */
  static List<String> mapped() throws IOException {
    String line =
        Files.readAllLines(Path.of("Dockerfile")).stream()
            .filter(text -> text.startsWith(INSTRUCTION))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("the Dockerfile has no ENTRYPOINT"));
    List<String> words =
        new ObjectMapper()
            .readValue(line.substring(INSTRUCTION.length()), new TypeReference<>() {});
    return words.stream()
        .map(word -> word.equals("java") ? java() : word)
        .map(word -> word.equals(APPLICATION) ? System.getProperty("application.jar") : word)
        .toList();
  }

  /** {@code java -jar} with the image's jar, as docs/install.md calls it. */
  static List<String> javaJar() {
    return List.of(java(), "-jar", System.getProperty("application.jar"));
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }
}
