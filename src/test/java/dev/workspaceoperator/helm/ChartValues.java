package dev.workspaceoperator.helm;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The keys of the chart's {@code values.yaml} with their comments, in the file's order. */
final class ChartValues {
  static final Path FILE = Chart.DIRECTORY.resolve("values.yaml");

  private static final Pattern COMMENT = Pattern.compile("\\s*# ?(.*)");
  private static final Pattern KEY = Pattern.compile("( *)([A-Za-z0-9]+):.*");

  private ChartValues() {}

  /**
   * One key.
   *
   * @param path as in {@code api.service.port}
   * @param comment the lines above it, as one text; empty if there are none
   * @param value its default
   */
  record Entry(String path, String comment, JsonNode value) {
    /** Whether it only holds keys that are described themselves. */
    boolean isSection() {
      return value.isObject() && !value.isEmpty();
    }
  }

  /** Every key that stands in the file, but for those within a default such as resources. */
  static List<Entry> read() throws IOException {
    JsonNode values = yaml();
    List<Entry> entries = new ArrayList<>();
    Deque<Key> parents = new ArrayDeque<>();
    List<String> comment = new ArrayList<>();
    for (String line : Files.readAllLines(FILE)) {
      Matcher comments = COMMENT.matcher(line);
      Matcher key = KEY.matcher(line);
      if (comments.matches()) {
        comment.add(comments.group(1));
      } else if (key.matches()) {
        add(entries, parents, key, String.join(" ", comment), values);
        comment.clear();
      } else {
        comment.clear();
      }
    }
    return entries;
  }

  /** The file; a key that stands there twice is an error. */
  static JsonNode yaml() throws IOException {
    return YAMLMapper.builder(
            YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
        .build()
        .readTree(FILE.toFile());
  }

  private static void add(
      List<Entry> entries, Deque<Key> parents, Matcher key, String comment, JsonNode values) {
    int indent = key.group(1).length();
    while (!parents.isEmpty() && parents.peek().indent() >= indent) {
      parents.pop();
    }
    String path = parents.isEmpty() ? key.group(2) : parents.peek().path() + "." + key.group(2);
    JsonNode value = values.at("/" + path.replace('.', '/'));
    parents.push(new Key(indent, path));
    boolean isWithinADefault =
        comment.isEmpty() && entries.stream().anyMatch(entry -> isDefault(entry, path));
    if (!isWithinADefault) {
      entries.add(new Entry(path, comment, value));
    }
  }

  /** Requests and limits are one default, not keys to be described. */
  private static boolean isDefault(Entry entry, String path) {
    return entry.path().endsWith("esources") && path.startsWith(entry.path() + ".");
  }

  /** A mapping, or a key of it. */
  private record Key(int indent, String path) {}

  /** The names of an object's fields. */
  static List<String> fieldNames(JsonNode object) {
    List<String> names = new ArrayList<>();
    for (Iterator<String> all = object.fieldNames(); all.hasNext(); ) {
      names.add(all.next());
    }
    return names;
  }
}
