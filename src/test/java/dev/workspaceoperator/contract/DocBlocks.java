package dev.workspaceoperator.contract;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The blocks of a page of the documentation that a reader pastes. */
public final class DocBlocks {
  private static final Pattern BLOCK =
      Pattern.compile(
          "^```bash\n(.*?)^```\n(?:```json\n(.*?)^```\n)?", Pattern.MULTILINE | Pattern.DOTALL);

  /**
   * One block.
   *
   * @param line of the page, from 1
   * @param script what is pasted
   * @param answer the JSON that the page shows right below, if it does
   */
  public record Block(int line, String script, Optional<String> answer) {}

  private DocBlocks() {}

  /** Those of a page, in order. */
  public static List<Block> of(Path page) throws IOException {
    String text = Files.readString(page);
    return BLOCK
        .matcher(text)
        .results()
        .map(found ->
            new Block(lineOf(text, found), found.group(1), Optional.ofNullable(found.group(2))))
        .toList();
  }

  private static int lineOf(String text, MatchResult found) {
    return (int) text.substring(0, found.start()).chars().filter(c -> c == '\n').count() + 1;
  }
}
