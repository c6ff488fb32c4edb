package dev.workspaceoperator.contract;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/** Reads JSON (RFC 8259) as a wary client does. */
final class StrictJson {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private StrictJson() {}

  /**
   * Reads one value.
   *
   * @throws IOException if the text is not exactly one JSON value without duplicate members
   */
  static JsonNode read(String text) throws IOException {
    JsonNode value = MAPPER.readTree(text);
    if (value.isMissingNode()) {
      throw new IOException("there is no JSON value");
    }
    return value;
  }

  /** Whether some number is written with an exponent, as amounts never are (design.md §6). */
  static boolean hasExponent(String text) throws IOException {
    try (JsonParser parser = MAPPER.getFactory().createParser(text)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token.isNumeric() && parser.getText().matches(".*[eE].*")) {
          return true;
        }
      }
      return false;
    }
  }
}
