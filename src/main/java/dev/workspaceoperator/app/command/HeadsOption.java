package dev.workspaceoperator.app.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.workspaceoperator.app.option.ConfigurationReader;
import dev.workspaceoperator.store.ExpectedHead;
import dev.workspaceoperator.workspace.AuditHead;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Heads of audit chains that were kept outside the database. */
final class HeadsOption {
  private static final Pattern HEAD = Pattern.compile("(\\d{1,18}):([0-9a-f]{64})");

  /** What a status that was never written, and a chain without a row, make of a line. */
  private static final Pattern NOTHING = Pattern.compile("(\\S+ )?0?:|");

  private static final int MISTAKES_TOLD = 5;

  @Option(
      names = "--heads",
      paramLabel = "FILE",
      description =
          "Rows that chains must have, as `audit heads` printed them earlier: a line for each, with"
              + " a workspace's id and SEQ:HASH. Tells what a restored backup lacks.")
  private @Nullable String heads;

  List<ExpectedHead> read(ConfigurationReader reader) {
    Optional<Path> file = reader.file("--heads", heads);
    if (file.isEmpty()) {
      return List.of();
    }
    try {
      return read(reader, Files.readAllLines(file.get(), UTF_8));
    } catch (CharacterCodingException e) {
      reader.mistake("--heads names the file %s, which is no text.".formatted(file.get()));
    } catch (IOException e) {
      reader.mistake("--heads names the file %s, which cannot be read.".formatted(file.get()));
    }
    return List.of();
  }

  private static List<ExpectedHead> read(ConfigurationReader reader, List<String> lines) {
    List<ExpectedHead> expected = new ArrayList<>();
    int mistakes = 0;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (NOTHING.matcher(line).matches()) {
        continue;
      }
      Optional<ExpectedHead> head = line(line);
      head.ifPresent(expected::add);
      if (head.isEmpty() && mistakes++ < MISTAKES_TOLD) {
        reader.mistake(
            "--heads: line %d must be a workspace's id and SEQ:HASH, a number and 64 hex digits."
                .formatted(i + 1));
      }
    }
    return expected;
  }

  private static Optional<ExpectedHead> line(String line) {
    String[] parts = line.split("\\s+", -1);
    if (parts.length != 2) {
      return Optional.empty();
    }
    try {
      UUID chain = UUID.fromString(parts[0]);
      return head(parts[1]).map(head -> new ExpectedHead(chain, head));
    } catch (IllegalArgumentException notAnId) {
      return Optional.empty();
    }
  }

  /** {@code SEQ:HASH}; empty for anything else. */
  static Optional<AuditHead> head(String text) {
    Matcher matcher = HEAD.matcher(text);
    return matcher.matches()
        ? Optional.of(new AuditHead(Long.parseLong(matcher.group(1)), matcher.group(2)))
        : Optional.empty();
  }
}
