package dev.workspaceoperator.extauthz;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.workspaceoperator.http.server.Problem;
import dev.workspaceoperator.http.server.Problem.FieldError;
import dev.workspaceoperator.http.server.ProblemCode;
import dev.workspaceoperator.http.server.ProblemException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the body of a request says of its cost, in the words of the APIs of OpenAI and Anthropic.
 *
 * @param model {@code model}
 * @param user {@code user}
 * @param outputMax the largest of {@code max_tokens}, {@code max_completion_tokens} and {@code
 *     max_output_tokens}
 * @param choices how many answers are asked for: {@code n}, or {@code best_of} if that is more
 */
record ModelRequest(
    Optional<String> model, Optional<String> user, OptionalLong outputMax, long choices) {
  private static final List<String> OUTPUT_MAX =
      List.of("max_tokens", "max_completion_tokens", "max_output_tokens");
  private static final List<String> CHOICES = List.of("n", "best_of");

  /** A member that is there twice would be read in one way here, and in another by the model. */
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  /**
   * Reads a body.
   *
   * @throws ProblemException if it is no JSON object, or has a number that is none
   */
  static ModelRequest read(byte[] body) {
    JsonNode root;
    try {
      root = JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw new ProblemException(
          ProblemCode.MALFORMED_JSON,
          "The body is not JSON: %s. Nothing can be told of its cost."
              .formatted(e.getOriginalMessage().lines().findFirst().orElse("it cannot be read")));
    } catch (IOException e) {
      throw new IllegalStateException("bytes cannot fail to be read", e);
    }
    if (!root.isObject()) {
      throw new ProblemException(
          ProblemCode.MALFORMED_JSON, "The body must be a JSON object with the member model.");
    }
    List<FieldError> errors = new ArrayList<>();
    OptionalLong outputMax = largest(root, OUTPUT_MAX, errors);
    OptionalLong choices = largest(root, CHOICES, errors);
    if (!errors.isEmpty()) {
      throw new ProblemException(Problem.invalid(errors));
    }
    return new ModelRequest(text(root, "model"), text(root, "user"), outputMax, choices.orElse(1));
  }

  private static OptionalLong largest(JsonNode root, List<String> names, List<FieldError> errors) {
    OptionalLong largest = OptionalLong.empty();
    for (String name : names) {
      JsonNode value = root.get(name);
      if (value == null || value.isNull()) {
        continue;
      }
      if (!isCount(value)) {
        errors.add(new FieldError("#/" + name, "It must be a whole number above 0."));
        continue;
      }
      long count = value.canConvertToLong() ? value.longValue() : Long.MAX_VALUE;
      largest = OptionalLong.of(Math.max(count, largest.orElse(0)));
    }
    return largest;
  }

  private static boolean isCount(JsonNode value) {
    return value.isNumber()
        && value.decimalValue().signum() > 0
        && value.decimalValue().stripTrailingZeros().scale() <= 0;
  }

  private static Optional<String> text(JsonNode root, String name) {
    return Optional.ofNullable(root.get(name))
        .filter(JsonNode::isTextual)
        .map(JsonNode::textValue)
        .filter(value -> !value.isBlank());
  }
}
