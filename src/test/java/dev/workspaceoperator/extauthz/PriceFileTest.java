package dev.workspaceoperator.extauthz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A price file that changes while it is used. */
class PriceFileTest {
  private static final String CHEAP =
      "{\"m\": {\"input_cost_per_token\": 1e-6, \"output_cost_per_token\": 0}}";
  private static final String DEAR = CHEAP.replace("1e-6", "5e-6");

  @TempDir private Path directory;

  private PriceFile file(String text) throws IOException {
    List<String> mistakes = new ArrayList<>();
    PriceFile file =
        PriceFile.read(Files.writeString(directory.resolve("prices.json"), text), mistakes::add);
    assertThat(mistakes).isEmpty();
    return file;
  }

  private static long price(PriceFile file) {
    return file.prices().of("m").orElseThrow().highest(1, 0).micros();
  }

  @Test
  void aChangeIsReadAndABrokenOneIsNot() throws IOException {
    Path path = directory.resolve("prices.json");
    try (PriceFile file = file(CHEAP)) {
      Files.writeString(path, DEAR);
      file.lookOnce();
      assertThat(price(file)).isEqualTo(5);

      Files.writeString(path, CHEAP.replace("1e-6", "-1"));
      file.lookOnce();
      assertThat(price(file)).as("the prices before go on").isEqualTo(5);
      assertThat(file.isGood()).isFalse();

      Files.writeString(path, CHEAP);
      file.lookOnce();
      assertThat(price(file)).isEqualTo(1);
      assertThat(file.isGood()).isTrue();
    }
  }

  @Test
  void oneThatIsGoneLeavesThePricesAsTheyWere() throws IOException {
    try (PriceFile file = file(CHEAP)) {
      Files.delete(directory.resolve("prices.json"));
      file.lookOnce();

      assertThat(price(file)).isEqualTo(1);
      assertThat(file.isGood()).isFalse();
    }
  }

  @Test
  void oneThatIsMissingAtTheStartIsAMistake() {
    List<String> mistakes = new ArrayList<>();

    PriceFile.read(directory.resolve("none.json"), mistakes::add).close();

    assertThat(mistakes).anyMatch(mistake -> mistake.startsWith("it cannot be read"));
  }
}
