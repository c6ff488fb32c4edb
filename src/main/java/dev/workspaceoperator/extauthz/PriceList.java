package dev.workspaceoperator.extauthz;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Prices by the name of a model, in the shape of LiteLLM's {@code
 * model_prices_and_context_window.json}: an object of models, each with {@code
 * input_cost_per_token}, {@code output_cost_per_token}, {@code max_input_tokens} and {@code
 * max_output_tokens}. Models that are not priced by the token, for input and output, are left out.
 */
final class PriceList {
  /** Explains the others in LiteLLM's own file; it is no model. */
  private static final String SAMPLE = "sample_spec";

  private static final String INPUT = "input_cost_per_token";
  private static final String OUTPUT = "output_cost_per_token";
  private static final String REASONING = "output_cost_per_reasoning_token";
  private static final String CACHE_READ = "cache_read_input_token_cost";
  private static final String CACHE_WRITE = "cache_creation_input_token_cost";
  private static final String INPUT_MAX = "max_input_tokens";
  private static final String OUTPUT_MAX = "max_output_tokens";
  private static final String MODE = "mode";

  /** Kinds of models that answer with nothing that is priced by the token. */
  private static final Set<String> NO_OUTPUT = Set.of("embedding", "rerank", "moderation");

  /** From how many tokens of input on a dearer tier is charged. */
  private static final Pattern ABOVE = Pattern.compile(".*_above_(\\d{1,6})k_tokens.*");

  /** A dollar a token is a thousand times what the dearest model costs: a slip of the unit. */
  private static final BigDecimal PRICE_MAX = BigDecimal.ONE;

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .build();

  private final Map<String, ModelPrice> prices;

  private PriceList(Map<String, ModelPrice> prices) {
    this.prices = Map.copyOf(prices);
  }

  /**
   * Reads a list.
   *
   * @param mistakes is told each thing that is wrong, with its place; what is returned is of use
   *     only if it was told none
   */
  static PriceList read(byte[] text, Consumer<String> mistakes) {
    Map<String, ModelPrice> prices = new HashMap<>();
    try {
      JsonNode root = JSON.readTree(text);
      if (!root.isObject()) {
        mistakes.accept("it must be a JSON object whose members are models");
      }
      for (Map.Entry<String, JsonNode> model : root.properties()) {
        if (!model.getKey().equals(SAMPLE)) {
          new Entry(model.getKey(), model.getValue(), mistakes)
              .read()
              .ifPresent(price -> prices.put(model.getKey(), price));
        }
      }
      if (root.isObject() && prices.isEmpty()) {
        mistakes.accept("it has no model with %s and %s".formatted(INPUT, OUTPUT));
      }
    } catch (JsonProcessingException e) {
      mistakes.accept(
          "it is not JSON: %s (line %d, column %d)"
              .formatted(
                  e.getOriginalMessage(),
                  e.getLocation() == null ? 0 : e.getLocation().getLineNr(),
                  e.getLocation() == null ? 0 : e.getLocation().getColumnNr()));
    } catch (IOException e) {
      mistakes.accept("it cannot be read: " + e.getMessage());
    }
    return new PriceList(prices);
  }

  /** What this model costs. */
  Optional<ModelPrice> of(String model) {
    return Optional.ofNullable(prices.get(model));
  }

  int size() {
    return prices.size();
  }

  /** One model of the file. */
  private static final class Entry {
    private final String model;
    private final JsonNode fields;
    private final Consumer<String> mistakes;

    private Entry(String model, JsonNode fields, Consumer<String> mistakes) {
      this.model = model;
      this.fields = fields;
      this.mistakes = mistakes;
    }

    /** Empty if it is not priced by the token, or wrong. */
    private Optional<ModelPrice> read() {
      if (!fields.isObject()) {
        mistake("it", "must be an object");
        return Optional.empty();
      }
      boolean hasOutput = fields.has(OUTPUT) || NO_OUTPUT.contains(fields.path(MODE).asText());
      if (!fields.has(INPUT) || !hasOutput) {
        return Optional.empty();
      }
      List<String> names = new ArrayList<>();
      fields.fieldNames().forEachRemaining(names::add);
      BigDecimal input = price(INPUT, BigDecimal.ZERO);
      BigDecimal output = price(OUTPUT, BigDecimal.ZERO);
      return Optional.of(
          new ModelPrice(
              highest(names, "input_cost_per_", "cache_creation_input_"),
              highest(names, "output_cost_per_"),
              input,
              output.max(price(REASONING, output)),
              price(CACHE_READ, input),
              price(CACHE_WRITE, input),
              tokens(INPUT_MAX),
              tokens(OUTPUT_MAX),
              standardMax(names)));
    }

    /** The dearest of the standard tier and all others, and of text, pictures and sound. */
    private BigDecimal highest(List<String> names, String... beginnings) {
      BigDecimal highest = BigDecimal.ZERO;
      for (String name : names) {
        for (String beginning : beginnings) {
          if (name.startsWith(beginning) && name.contains("token")) {
            highest = highest.max(price(name, BigDecimal.ZERO));
          }
        }
      }
      return highest;
    }

    private static OptionalLong standardMax(List<String> names) {
      return names.stream()
          .map(ABOVE::matcher)
          .filter(Matcher::matches)
          .mapToLong(matcher -> Long.parseLong(matcher.group(1)) * 1_000)
          .min();
    }

    private BigDecimal price(String name, BigDecimal absent) {
      JsonNode value = fields.get(name);
      if (value == null || value.isNull()) {
        return absent;
      }
      boolean isPrice =
          value.isNumber()
              && value.decimalValue().signum() >= 0
              && value.decimalValue().compareTo(PRICE_MAX) <= 0;
      if (!isPrice) {
        mistake(name, "must be US dollars a token, a number from 0 to 1");
        return absent;
      }
      return value.decimalValue();
    }

    private OptionalLong tokens(String name) {
      JsonNode value = fields.get(name);
      if (value == null || value.isNull()) {
        return OptionalLong.empty();
      }
      if (!value.isNumber()
          || value.decimalValue().signum() < 0
          || value.decimalValue().stripTrailingZeros().scale() > 0
          || !value.canConvertToLong()) {
        mistake(name, "must be a whole number of tokens");
        return OptionalLong.empty();
      }
      // 0 is how some say that they do not know.
      return value.longValue() == 0 ? OptionalLong.empty() : OptionalLong.of(value.longValue());
    }

    private void mistake(String name, String expected) {
      mistakes.accept("model \"%s\": %s %s".formatted(model, name, expected));
    }
  }
}
