package dev.workspaceoperator.http.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.workspaceoperator.digest.Sha256;
import dev.workspaceoperator.workspace.port.IdempotencyKey;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** The header {@code Idempotency-Key}, and what makes two requests the same (design.md §6). */
public final class Idempotency {
  private static final HeaderName KEY = HeaderNames.create("Idempotency-Key");
  private static final int LENGTH_MAX = 255;

  private Idempotency() {}

  /**
   * The key of a request whose body has been validated; empty if it has none.
   *
   * @throws ProblemException if it is not a fit one
   */
  public static Optional<IdempotencyKey> of(Exchange exchange) {
    List<String> given = exchange.headers(KEY);
    if (given.isEmpty()) {
      return Optional.empty();
    }
    String key = given.getFirst();
    if (given.size() > 1 || !isFit(key)) {
      throw new ProblemException(
          ProblemCode.BAD_REQUEST,
          "The header Idempotency-Key must be there once, with 1 to %d printable ASCII characters."
              .formatted(LENGTH_MAX));
    }
    return Optional.of(new IdempotencyKey(key, fingerprint(exchange)));
  }

  /** The same for equal JSON: order of members, blanks and trailing zeros do not count. */
  private static String fingerprint(Exchange exchange) {
    StringBuilder text = new StringBuilder();
    text.append(exchange.method()).append('\n').append(exchange.barePath()).append('\n');
    canonical(exchange.body(), text);
    return HexFormat.of().formatHex(Sha256.of(text.toString().getBytes(StandardCharsets.UTF_8)));
  }

  private static void canonical(JsonNode value, StringBuilder text) {
    switch (value.getNodeType()) {
      case OBJECT -> {
        text.append('{');
        TreeSet<String> names = new TreeSet<>();
        value.fieldNames().forEachRemaining(names::add);
        for (String name : names) {
          quote(name, text);
          text.append(':');
          canonical(value.get(name), text);
          text.append(',');
        }
        text.append('}');
      }
      case ARRAY -> {
        text.append('[');
        for (JsonNode item : value) {
          canonical(item, text);
          text.append(',');
        }
        text.append(']');
      }
      case NUMBER ->
          text.append(
              value.decimalValue().signum() == 0 ? "0" : value.decimalValue().stripTrailingZeros());
      case STRING -> quote(value.textValue(), text);
      default -> text.append(value.asText());
    }
  }

  /** With its length in front, so that no text can look like two. */
  private static void quote(String value, StringBuilder text) {
    text.append('"').append(value.length()).append(':').append(value);
  }

  private static boolean isFit(String key) {
    return !key.isEmpty()
        && key.length() <= LENGTH_MAX
        && key.chars().allMatch(c -> c >= ' ' && c <= '~');
  }
}
