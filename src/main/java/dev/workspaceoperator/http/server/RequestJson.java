package dev.workspaceoperator.http.server;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a body as JSON (RFC 8259) and nothing looser. What is no JSON, has a member twice, goes on
 * after its end, nests deeper than {@value Json#DEPTH_MAX} or is not UTF-8 is {@code
 * MALFORMED_JSON}; text that no database keeps (U+0000, half a surrogate pair) and numbers beyond
 * all reason are {@code VALIDATION_FAILED}.
 */
final class RequestJson {
  /** Beyond it no number means anything here, and arithmetic on it could cost a lot. */
  private static final int EXPONENT_MAX = 400;

  private static final int NUMBER_LENGTH_MAX = 500;
  private static final char REPLACEMENT = '\uFFFD';
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final JsonParser parser;
  private final List<Problem.FieldError> errors = new ArrayList<>();

  private RequestJson(JsonParser parser) {
    this.parser = parser;
  }

  /**
   * The value of this body. Every number is a {@link DecimalNode}, exactly as it was sent.
   *
   * @throws ProblemException if there is none
   */
  static JsonNode read(byte[] body) {
    String text = utf8(body);
    try (JsonParser parser = Json.FACTORY.createParser(text)) {
      RequestJson reader = new RequestJson(parser);
      JsonNode value = reader.whole();
      if (!reader.errors.isEmpty()) {
        throw new ProblemException(Problem.invalid(reader.errors));
      }
      return value;
    } catch (StreamConstraintsException e) {
      throw malformed(
          "The body nests deeper than %d levels, or has a longer number or name than any"
                  .formatted(Json.DEPTH_MAX)
              + " field takes.");
    } catch (JsonProcessingException e) {
      throw malformed("The body is not JSON. " + place(e.getLocation()) + ": " + reason(e) + ".");
    } catch (IOException e) {
      throw new UncheckedIOException("a text cannot be read", e);
    }
  }

  private JsonNode whole() throws IOException {
    if (parser.nextToken() == null) {
      throw malformed("The body is empty. Send a JSON object.");
    }
    JsonNode value = value("#");
    if (parser.nextToken() != null) {
      throw malformed(
          "The body goes on after its JSON has ended. "
              + place(parser.currentTokenLocation())
              + ": remove what follows.");
    }
    return value;
  }

  private JsonNode value(String pointer) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(pointer);
      case START_ARRAY -> array(pointer);
      case VALUE_STRING -> {
        checkText(pointer, parser.getText());
        yield NODES.textNode(parser.getText());
      }
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(pointer, parser.getText());
      case VALUE_TRUE -> NODES.booleanNode(true);
      case VALUE_FALSE -> NODES.booleanNode(false);
      default -> NODES.nullNode();
    };
  }

  private ObjectNode object(String pointer) throws IOException {
    ObjectNode object = NODES.objectNode();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      if (object.has(name)) {
        throw malformed(
            "The body has a member twice. %s: give each name once."
                .formatted(place(parser.currentTokenLocation())));
      }
      String inner = pointer + "/" + Pointers.escape(name);
      checkText(inner, name);
      parser.nextToken();
      object.set(name, value(inner));
    }
    return object;
  }

  private ArrayNode array(String pointer) throws IOException {
    ArrayNode array = NODES.arrayNode();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      array.add(value(pointer + "/" + array.size()));
    }
    return array;
  }

  private JsonNode number(String pointer, String text) {
    if (text.length() <= NUMBER_LENGTH_MAX && exponentIsSmall(text)) {
      return DecimalNode.valueOf(new BigDecimal(text));
    }
    errors.add(new Problem.FieldError(pointer, "The number is far out of the range of any field."));
    return NODES.nullNode();
  }

  private static boolean exponentIsSmall(String number) {
    int at = Math.max(number.indexOf('e'), number.indexOf('E'));
    if (at < 0) {
      return true;
    }
    // Leading zeros of an exponent are allowed; without them it is short or it is huge.
    String digits = number.substring(at + 1).replaceFirst("^[+-]?0*", "");
    return digits.length() <= 4 && (digits.isEmpty() || Integer.parseInt(digits) <= EXPONENT_MAX);
  }

  private void checkText(String pointer, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) {
        errors.add(new Problem.FieldError(pointer, "It must not contain the character U+0000."));
        return;
      }
      if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          errors.add(
              new Problem.FieldError(
                  pointer, "It contains half of a surrogate pair, which is no character."));
          return;
        }
        i++;
      }
    }
  }

  /** Decodes quickly, and looks closer only at what may have been mended on the way. */
  private static String utf8(byte[] body) {
    String text = new String(body, StandardCharsets.UTF_8);
    if (text.indexOf(REPLACEMENT) >= 0) {
      try {
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body));
      } catch (CharacterCodingException e) {
        throw malformed("The body is not UTF-8.");
      }
    }
    return text;
  }

  private static String place(JsonLocation location) {
    return "Line %d, column %d".formatted(location.getLineNr(), location.getColumnNr());
  }

  /** The parser's words without the parts that name its classes, or quote at length. */
  private static String reason(JsonProcessingException e) {
    String message = e.getOriginalMessage();
    int end = message.indexOf('\n');
    String line = (end < 0 ? message : message.substring(0, end)).strip();
    line = line.replaceAll("\\(start marker at .*$", "").strip();
    String shortened = line.length() > 200 ? line.substring(0, 200) + "…" : line;
    return shortened.endsWith(".") ? shortened.substring(0, shortened.length() - 1) : shortened;
  }

  private static ProblemException malformed(String detail) {
    return new ProblemException(ProblemCode.MALFORMED_JSON, detail);
  }
}
