package dev.workspaceoperator.extauthz;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.workspaceoperator.http.server.Problem;
import dev.workspaceoperator.http.server.Problem.FieldError;
import dev.workspaceoperator.http.server.ProblemCode;
import dev.workspaceoperator.http.server.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What the body of a request says of its cost, in the words of the APIs of OpenAI and Anthropic.
 *
 * @param model {@code model}
 * @param user {@code user}
 * @param outputMax most tokens of one answer, if it says so
 * @param answers how many answers are asked for: {@code n}, or {@code best_of} if that is more, of
 *     each of the prompts
 * @param isBatch whether it has several inputs, each of which may be as long as a model takes
 * @param hasMore whether it names input that is kept elsewhere
 * @param isDearer whether it asks for a dearer tier than the standard one
 */
record ModelRequest(
    Optional<String> model,
    Optional<String> user,
    OptionalLong outputMax,
    long answers,
    boolean isBatch,
    boolean hasMore,
    boolean isDearer) {
  private static final String MODEL = "model";
  private static final String USER = "user";
  private static final String TIER = "service_tier";
  private static final List<String> CHAT_OUTPUT_MAX =
      List.of("max_tokens", "max_completion_tokens");
  private static final String RESPONSES_OUTPUT_MAX = "max_output_tokens";
  private static final List<String> ANSWERS = List.of("n", "best_of");
  private static final Set<String> INPUTS = Set.of("prompt", "input");

  /** Input that is not in the body: earlier answers, stored prompts. */
  private static final Set<String> ELSEWHERE =
      Set.of("previous_response_id", "conversation", "prompt_id");

  /** What costs no more than the standard tier, and may be served by it. */
  private static final Set<String> STANDARD_TIERS =
      Set.of("auto", "default", "standard", "standard_only", "flex", "batch");

  /** Whatever is read here. */
  private static final Set<String> KNOWN =
      Set.of(
          MODEL,
          USER,
          TIER,
          "max_tokens",
          "max_completion_tokens",
          RESPONSES_OUTPUT_MAX,
          "n",
          "best_of",
          "prompt",
          "input",
          "previous_response_id",
          "conversation",
          "prompt_id");

  /** A member that is there twice would be read in one way here, and in another by the model. */
  private static final JsonFactory JSON =
      new JsonFactoryBuilder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /**
   * Reads a body, and keeps nothing of it but this.
   *
   * @param path of the request, by which its API is known
   * @throws ProblemException if it is no JSON object, or has a number that is none
   */
  static ModelRequest read(InputStream body, String path) {
    try (JsonParser parser = JSON.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new ProblemException(
            ProblemCode.MALFORMED_JSON, "The body must be a JSON object with the member model.");
      }
      Members members = new Members();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        members.read(parser);
      }
      if (parser.nextToken() != null) {
        throw new ProblemException(
            ProblemCode.MALFORMED_JSON, "Something comes after the JSON object of the body.");
      }
      return members.request(path);
    } catch (JsonProcessingException e) {
      throw new ProblemException(
          ProblemCode.MALFORMED_JSON,
          "The body is not JSON: %s. Nothing can be told of its cost."
              .formatted(e.getOriginalMessage().lines().findFirst().orElse("it cannot be read")));
    } catch (IOException e) {
      throw new IllegalStateException("bytes cannot fail to be read", e);
    }
  }

  /** Those of the object that say something of its cost. */
  private static final class Members {
    private final Map<String, String> texts = new HashMap<>();
    private final Map<String, Long> counts = new HashMap<>();
    private final List<FieldError> errors = new ArrayList<>();
    private long prompts = 1;
    private boolean isBatch;
    private boolean hasMore;

    private void read(JsonParser parser) throws IOException {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      String lower = name.toLowerCase(Locale.ROOT);
      if (!KNOWN.contains(name)) {
        if (KNOWN.contains(lower)) {
          // Some servers read names without regard to case.
          errors.add(new FieldError("#/" + name, "Write it %s.".formatted(lower)));
        }
        parser.skipChildren();
      } else if (INPUTS.contains(name)) {
        readInput(name, parser, value);
      } else if (value == JsonToken.VALUE_NULL) {
        return;
      } else if (ELSEWHERE.contains(name)) {
        hasMore = true;
        parser.skipChildren();
      } else if (name.equals(MODEL) || name.equals(USER) || name.equals(TIER)) {
        readText(name, parser, value);
      } else {
        readCount(name, parser, value);
      }
    }

    private void readText(String name, JsonParser parser, JsonToken value) throws IOException {
      if (value == JsonToken.VALUE_STRING && !parser.getText().isBlank()) {
        texts.put(name, parser.getText());
      }
      parser.skipChildren();
    }

    private void readCount(String name, JsonParser parser, JsonToken value) throws IOException {
      BigDecimal number = value.isNumeric() ? parser.getDecimalValue() : BigDecimal.ZERO;
      parser.skipChildren();
      if (number.signum() <= 0 || number.stripTrailingZeros().scale() > 0) {
        errors.add(new FieldError("#/" + name, "It must be a whole number above 0."));
        return;
      }
      boolean fits = number.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) < 0;
      counts.put(name, fits ? number.longValueExact() : Long.MAX_VALUE);
    }

    /** A list of numbers is one text, in tokens; any other list is as many texts. */
    private void readInput(String name, JsonParser parser, JsonToken value) throws IOException {
      if (value == JsonToken.START_OBJECT) {
        // A stored prompt.
        hasMore = true;
        parser.skipChildren();
        return;
      }
      if (value != JsonToken.START_ARRAY) {
        return;
      }
      long items = 0;
      JsonToken item = parser.nextToken();
      boolean isTokens = item.isNumeric();
      for (; item != JsonToken.END_ARRAY; item = parser.nextToken()) {
        items++;
        parser.skipChildren();
      }
      isBatch |= !isTokens;
      if (name.equals("prompt") && !isTokens) {
        prompts = Math.max(1, items);
      }
    }

    private ModelRequest request(String path) {
      if (!errors.isEmpty()) {
        throw new ProblemException(Problem.invalid(errors));
      }
      return new ModelRequest(
          Optional.ofNullable(texts.get(MODEL)),
          Optional.ofNullable(texts.get(USER)),
          outputMax(path),
          Saturated.product(largest(ANSWERS).orElse(1), prompts),
          isBatch,
          hasMore,
          texts.containsKey(TIER) && !STANDARD_TIERS.contains(texts.get(TIER)));
    }

    /** What another API calls it is not read by this one, and so limits nothing. */
    private OptionalLong outputMax(String path) {
      String api = path.replaceFirst("[?#].*", "");
      if (api.endsWith("/responses")) {
        return largest(List.of(RESPONSES_OUTPUT_MAX));
      }
      if (api.endsWith("/completions") || api.endsWith("/messages")) {
        return largest(CHAT_OUTPUT_MAX);
      }
      List<String> any = new ArrayList<>(CHAT_OUTPUT_MAX);
      any.add(RESPONSES_OUTPUT_MAX);
      return largest(any);
    }

    private OptionalLong largest(List<String> names) {
      return names.stream().filter(counts::containsKey).mapToLong(this::count).max();
    }

    private long count(String name) {
      return counts.getOrDefault(name, 0L);
    }
  }
}
