package dev.workspaceoperator.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What readers are told to type works on their machine, and does what it looks like. */
class PortableCommandsTest {
  private static final Pattern BLOCK =
      Pattern.compile("(?ms)^ *```(?:sh|bash|console|text)\\n(.*?)^ *```$");

  /** What to look for, to why it fails readers. */
  private static final Map<String, String> FAILS =
      Map.ofEntries(
          Map.entry("/proc/", "is Linux alone"),
          Map.entry("date (-u )?(-d|--date)(?!.*\\|\\| date )", "is GNU's date alone"),
          Map.entry("sha256sum", "macOS has not"),
          Map.entry("uuidgen", "many a Linux has not"),
          Map.entry("sed (-i|--in-place)", "is another option on macOS"),
          Map.entry("readlink -f|realpath", "older macOS have not"),
          Map.entry("base64 (-w|--wrap)", "is GNU's base64 alone"),
          Map.entry("(grep|egrep) -[a-zA-Z]*P", "is GNU's grep alone"),
          Map.entry("xargs -r|stat -c|mapfile|(?<!-)\\btimeout \\d", "is Linux or bash 4 alone"),
          Map.entry("%header\\{", "needs a curl that is newer than that of RHEL 9"),
          Map.entry("\\bjq\\b", "is a tool that no page asks for"),
          Map.entry("\\$\\{\\w+:?[-=]", "stores the placeholder where nothing was set"),
          Map.entry("--from-literal=\\S+=\"?\\$\\w", "stores nothing where nothing was set"),
          Map.entry("helm template[^|]*> */dev/null", "installs nothing"),
          Map.entry("PASSWORD '", "stores a placeholder, or a password in a history"),
          Map.entry(
              "(?s)key create(?:(?!--expires-in|\\n\\n).)*fleet(?:(?!--expires-in|```|\\n\\n).)*$",
              "makes a key of the whole installation that never ends"));

  @TestFactory
  Stream<DynamicTest> noCommandFailsItsReader() throws IOException {
    return pages().stream()
        .map(page ->
            DynamicTest.dynamicTest(
                page.toString(),
                () -> assertThat(mistakes(blocks(page))).as("%s", page).isEmpty()));
  }

  @Test
  void theSearchFindsWhatItLooksFor() {
    assertThat(
            mistakes(
                List.of(
                    "id=$(cat /proc/sys/kernel/random/uuid)",
                    "date -u -d '+2 hours'",
                    "printf x | sha256sum",
                    "--from-literal=password=\"${PASSWORD:-changed}\"",
                    "--from-literal=password=\"$PASSWORD\"",
                    "helm template x y \\\n  --set a=b > /dev/null",
                    "java -jar x.jar \\\n  key create --fleet --name x --scopes fleet:read\n")))
        .hasSize(7);
    assertThat(
            mistakes(
                List.of(
                    "date -u -d '+2 hours' 2>/dev/null || date -u -v+2H",
                    "--from-literal=password=\"${PASSWORD:?}\"",
                    "key create --fleet --name x --scopes fleet:read --expires-in P90D\n",
                    "key create --workspace x --name y --scopes runs:write\n")))
        .isEmpty();
  }

  /** Whoever pastes a hash from a page into a manifest lets everybody in who read the page. */
  @Test
  void noPageShowsAHashThatAManifestWouldAccept() throws IOException {
    for (Path page : pages()) {
      assertThat(Files.readString(page))
          .as("%s", page)
          .doesNotContainPattern("sha256: \"?[0-9a-f]{64}");
    }
  }

  private static List<String> mistakes(List<String> blocks) {
    List<String> found = new ArrayList<>();
    for (String block : blocks) {
      FAILS.forEach((pattern, why) -> {
        if (Pattern.compile(pattern).matcher(block).find()) {
          found.add("%s: %s".formatted(why, block));
        }
      });
    }
    return found;
  }

  private static List<String> blocks(Path page) throws IOException {
    String text = Files.readString(page);
    return page.toString().endsWith(".md")
        ? BLOCK.matcher(text).results().map(block -> block.group(1)).toList()
        : List.of(text);
  }

  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>();
    pages.add(Path.of("README.md"));
    pages.add(Chart.DIRECTORY.resolve("templates").resolve("NOTES.txt"));
    for (String directory : List.of("docs", "examples", "helm")) {
      try (Stream<Path> found = Files.walk(Path.of(directory))) {
        found.filter(path -> path.toString().endsWith(".md")).sorted().forEach(pages::add);
      }
    }
    assertThat(pages).hasSizeGreaterThan(20);
    return pages;
  }
}
