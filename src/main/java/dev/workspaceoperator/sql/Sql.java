package dev.workspaceoperator.sql;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A statement from a file, or several that go to the server together. Parameters have names, {@code
 * :workspace_id}.
 *
 * @param text as JDBC takes it, with question marks
 * @param parameters the parameter that each question mark stands for
 */
public record Sql(String text, List<String> parameters) {
  private static final Pattern COMMENT = Pattern.compile("(?m)^--.*\\R");

  /** As psql includes one file in another. */
  private static final Pattern INCLUDE = Pattern.compile("(?m)^\\\\ir (\\S+)\\R");

  private static final Pattern PARAMETER = Pattern.compile("(?<!:):([a-z_]+)");

  /** Between statements that go together; no statement has one in it. */
  static final String BETWEEN = ";\n";

  /** Ends a transaction in the round trip of its last statements. */
  public static final Sql COMMIT = load("commit");

  /** The first statement of a transaction that reads everything as it is at one moment. */
  public static final Sql ONE_SNAPSHOT = load("oneSnapshot");

  public Sql {
    parameters = List.copyOf(parameters);
  }

  /**
   * Loads {@code sql/<name>.sql}. What several statements share is a file in {@code sql-parts},
   * which they include by a line {@code \ir ../../sql-parts/<part>.sql}. Meant for constants: a
   * missing or faulty file is found when the class is loaded.
   */
  public static Sql load(String name) {
    String path = "/sql/" + name + ".sql";
    String text = COMMENT.matcher(read(path)).replaceAll("").strip();
    if (text.isEmpty() || text.contains(";") || text.contains("?")) {
      throw new IllegalStateException(path + " must hold exactly one statement");
    }
    List<String> parameters = new ArrayList<>();
    Matcher matcher = PARAMETER.matcher(text);
    while (matcher.find()) {
      parameters.add(matcher.group(1));
    }
    return new Sql(matcher.replaceAll("?"), parameters);
  }

  /** What is in a file, and in the place of each line that includes one what is in that. */
  private static String read(String path) {
    try (@Nullable InputStream in = Sql.class.getResourceAsStream(path)) {
      String source = new String(Objects.requireNonNull(in, path).readAllBytes(), UTF_8);
      return INCLUDE
          .matcher(source)
          .replaceAll(include -> Matcher.quoteReplacement(read(beside(path, include.group(1)))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String beside(String path, String other) {
    return URI.create(path).resolve(other).getPath();
  }

  /**
   * Several statements in one round trip. Each still has a snapshot of its own, so that a later one
   * sees what an earlier one waited for.
   */
  public static Sql pipeline(Sql... statements) {
    return pipeline(List.of(statements));
  }

  /** As {@link #pipeline(Sql...)}. */
  public static Sql pipeline(List<Sql> statements) {
    return new Sql(
        statements.stream().map(Sql::text).collect(Collectors.joining(BETWEEN)),
        statements.stream().flatMap(statement -> statement.parameters().stream()).toList());
  }

  /**
   * A statement that runs before anything is set: in a transaction of its own, in which neither a
   * short timeout nor a compilation for every little statement keeps it from its end.
   */
  public static Sql unhurried(Sql statement) {
    return pipeline(
        new Sql("BEGIN", List.of()),
        new Sql("SET LOCAL statement_timeout = 10000", List.of()),
        new Sql("SET LOCAL jit = off", List.of()),
        statement,
        COMMIT);
  }

  /** Whether it ends its transaction. */
  boolean commits() {
    return text.endsWith(COMMIT.text);
  }

  /** The statement as text and its parameters' order. */
  @Override
  public String toString() {
    return text + " " + parameters;
  }
}
