package dev.workspaceoperator.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** What {@code --help} says. */
class HelpTest {
  static Stream<CommandSpec> commands() {
    return withinAndBelow(Main.program(Map.of()).getCommandSpec());
  }

  /** Lines are broken by the width of the terminal alone. */
  @ParameterizedTest
  @MethodSource("commands")
  void noSentenceIsBrokenByHand(CommandSpec command) {
    Stream.concat(
            Stream.of(command.usageMessage().description(), command.usageMessage().footer()),
            command.options().stream().map(CommandLine.Model.OptionSpec::description))
        .forEach(HelpTest::assertWholeSentences);
  }

  private static void assertWholeSentences(String[] lines) {
    for (int line = 0; line + 1 < lines.length; line++) {
      boolean isParagraph = lines[line].isBlank() || lines[line + 1].isBlank();
      assertThat(isParagraph || lines[line].startsWith(" ") || lines[line].matches(".*[.:]"))
          .as(lines[line] + "\n" + lines[line + 1])
          .isTrue();
    }
  }

  private static Stream<CommandSpec> withinAndBelow(CommandSpec command) {
    return Stream.concat(
        Stream.of(command),
        command.subcommands().values().stream()
            .flatMap(below -> withinAndBelow(below.getCommandSpec())));
  }
}
