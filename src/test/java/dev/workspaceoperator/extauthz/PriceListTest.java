package dev.workspaceoperator.extauthz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Prices of models, in LiteLLM's shape. */
class PriceListTest {
  private final List<String> mistakes = new ArrayList<>();

  private PriceList read(String text) {
    return PriceList.read(text.getBytes(StandardCharsets.UTF_8), mistakes::add);
  }

  @Test
  void theMostARequestCanCostIsRoundedUpAtTheDearestTier() {
    ModelPrice price =
        read("""
        {"m": {"input_cost_per_token": 1e-6, "input_cost_per_token_above_200k_tokens": 2e-6,
               "output_cost_per_token": 5e-6, "output_cost_per_token_priority": 1e-5,
               "max_input_tokens": 1000, "max_output_tokens": 100}}
        """)
            .of("m")
            .orElseThrow();

    assertThat(mistakes).isEmpty();
    assertThat(price.highest(100, 10).micros()).isEqualTo(200 + 100);
    assertThat(price.of(new TokenCounts(3, 1, 0, 0), false).micros()).isEqualTo(8);
    assertThat(price.of(new TokenCounts(3, 1, 0, 0), true).micros()).isEqualTo(16);
    assertThat(price.of(new TokenCounts(200_001, 0, 0, 0), false).micros())
        .as("a long input")
        .isEqualTo(400_002);
  }

  @Test
  void aPartOfAMicroDollarIsAWholeOne() {
    ModelPrice price =
        read("{\"m\": {\"input_cost_per_token\": 1e-9, \"output_cost_per_token\": 0}}")
            .of("m")
            .orElseThrow();

    assertThat(price.of(new TokenCounts(1, 0, 0, 0), false).micros()).isEqualTo(1);
    assertThat(price.of(new TokenCounts(0, 0, 0, 0), false).micros()).isZero();
  }

  @Test
  void theCacheHasPricesOfItsOwn() {
    ModelPrice price =
        read("""
        {"m": {"input_cost_per_token": 1e-5, "output_cost_per_token": 0,
               "cache_read_input_token_cost": 1e-6, "cache_creation_input_token_cost": 2e-5}}
        """)
            .of("m")
            .orElseThrow();

    assertThat(price.of(new TokenCounts(1, 0, 1, 1), false).micros()).isEqualTo(10 + 1 + 20);
    assertThat(price.highest(1, 0).micros()).as("all may be written to it").isEqualTo(20);
  }

  @Test
  void modelsThatAreNotPricedByTheTokenAreLeftOut() {
    PriceList prices =
        read(
            """
            {"sample_spec": {"input_cost_per_token": "a text"},
             "image": {"input_cost_per_image": 0.01},
             "drawing": {"input_cost_per_token": 1e-6, "output_cost_per_image_token": 1e-5},
             "m": {"input_cost_per_token": 0, "output_cost_per_token": 0}}
            """);

    assertThat(mistakes).isEmpty();
    assertThat(prices.size()).isEqualTo(1);
    assertThat(prices.of("image")).isEmpty();
    assertThat(prices.of("drawing")).as("its output is not free").isEmpty();
  }

  @Test
  void everyMistakeIsToldWithItsPlace() {
    read(
        """
        {"a": {"input_cost_per_token": -1, "output_cost_per_token": "x"},
         "b": {"input_cost_per_token": 3, "output_cost_per_token": 0, "max_output_tokens": 1.5},
         "c": []}
        """);

    assertThat(String.join("\n", mistakes))
        .contains(
            "model \"a\": input_cost_per_token",
            "model \"a\": output_cost_per_token",
            "model \"b\": input_cost_per_token",
            "model \"b\": max_output_tokens",
            "model \"c\": it must be an object");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[] | it must be a JSON object",
        "{ | it is not JSON",
        "'' | it must be a JSON object",
        "{} | no model",
        "{\"a\":{\"input_cost_per_token\":0},\"a\":{\"input_cost_per_token\":1}} | it is not JSON"
      })
  void whatIsNoListIsRefused(String text, String mistake) {
    read(text);

    assertThat(mistakes).anyMatch(told -> told.contains(mistake));
  }

  @Test
  void soundCostsWhatItDoesAndNoLimitIsNotALimitOfNothing() {
    ModelPrice price =
        read("""
        {"m": {"input_cost_per_token": 1e-6, "input_cost_per_audio_token": 4e-5,
               "output_cost_per_token": 0, "max_input_tokens": 0}}
        """)
            .of("m")
            .orElseThrow();

    assertThat(mistakes).isEmpty();
    assertThat(price.highest(1, 0).micros()).isEqualTo(40);
    assertThat(price.inputMax()).isEmpty();
  }

  @Test
  void anEmbeddingHasNoOutput() {
    ModelPrice price =
        read("{\"m\": {\"input_cost_per_token\": 1e-6, \"mode\": \"embedding\"}}")
            .of("m")
            .orElseThrow();

    assertThat(price.highestOutput()).isZero();
  }

  @Test
  void theExampleHasTenModelsEachWithItsSource() throws IOException {
    byte[] example = Files.readAllBytes(Path.of("examples/envoy/prices.json"));

    PriceList prices = PriceList.read(example, mistakes::add);

    assertThat(mistakes).isEmpty();
    assertThat(prices.size()).isEqualTo(10);
    assertThat(new String(example, StandardCharsets.UTF_8).split("\"source\": \"https://", -1))
        .hasSize(11);
  }
}
