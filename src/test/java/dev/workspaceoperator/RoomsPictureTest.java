package dev.workspaceoperator;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The pictures of the design document show the program as it is. */
class RoomsPictureTest {
  private static final Path DESIGN = Path.of("docs", "design.md");
  private static final Pattern ROOMS =
      Pattern.compile("(?s)(<!-- rooms: begin -->\n).*?(<!-- rooms: end -->)");
  private static final Pattern WAYS =
      Pattern.compile("(?s)<!-- ways: begin -->\n(.*?)<!-- ways: end -->");

  /** As in {@code gate[gate.Gate] --> lane[gate.Lane]}; an arrow may say that it implements. */
  private static final Pattern ARROW =
      Pattern.compile("\\w+\\[([\\w.]+)] --(?: (implements) --)?> \\w+\\[([\\w.]+)]");

  @Test
  void theRoomsKnowWhomThePictureSaysTheyKnow() throws IOException {
    StringBuilder picture = new StringBuilder("```mermaid\nflowchart TD\n");
    Rooms.arrows()
        .forEach(
            (from, all) -> all.forEach(to -> picture.append("  %s --> %s%n".formatted(from, to))));
    picture.append("```\n");
    String page = Files.readString(DESIGN);
    Matcher shown = ROOMS.matcher(page);
    assertThat(shown.find()).isTrue();
    String upToDate =
        shown.replaceFirst("$1" + Matcher.quoteReplacement(picture.toString()) + "$2");
    if (Boolean.getBoolean("docs.write")) {
      Files.writeString(DESIGN, upToDate);
    }
    assertThat(page)
        .as("stale: run ./mvnw test -Dtest=RoomsPictureTest -Ddocs.write=true")
        .isEqualTo(upToDate);
  }

  @Test
  void theWaysLeadFromEachClassToOneThatItKnows() throws IOException {
    Matcher ways = WAYS.matcher(Files.readString(DESIGN));
    assertThat(ways.find()).isTrue();
    int arrows = 0;
    for (String line : ways.group(1).lines().filter(line -> line.contains("-->")).toList()) {
      Matcher arrow = ARROW.matcher(line.strip());
      assertThat(arrow.matches()).as(line).isTrue();
      JavaClass from = Rooms.PROGRAM.get(Rooms.ROOT + "." + arrow.group(1));
      JavaClass to = Rooms.PROGRAM.get(Rooms.ROOT + "." + arrow.group(3));
      if (arrow.group(2) == null) {
        assertThat(knows(from, to)).as(line).isTrue();
      } else {
        assertThat(from.isAssignableTo(to.getName())).as(line).isTrue();
      }
      arrows++;
    }
    assertThat(arrows).isGreaterThan(10);
  }

  private static boolean knows(JavaClass from, JavaClass to) {
    return Rooms.PROGRAM.stream()
        .filter(each -> Rooms.outermost(each).equals(from))
        .flatMap(each -> each.getDirectDependenciesFromSelf().stream())
        .anyMatch(it -> Rooms.outermost(it.getTargetClass()).equals(to));
  }
}
