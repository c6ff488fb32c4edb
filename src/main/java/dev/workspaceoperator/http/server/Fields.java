package dev.workspaceoperator.http.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.workspaceoperator.workspace.Bounds;
import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingType;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads the members of a body and collects everything that is wrong with them, so that a caller
 * mends it all at once. A member that is absent, null or wrong reads as empty; {@link #finish} then
 * tells the wrong ones.
 */
public final class Fields {
  /** The last year that RFC 3339 can write. */
  private static final int YEAR_MAX = 9_999;

  private final ObjectNode body;
  private final List<Problem.FieldError> errors = new ArrayList<>();

  /**
   * The members of this body.
   *
   * @param known the names that the operation takes
   * @throws ProblemException if the body is no object
   */
  public Fields(JsonNode body, List<String> known) {
    if (!(body instanceof ObjectNode object)) {
      throw new ProblemException(
          Problem.invalid(
              List.of(new Problem.FieldError("#", "The body must be a JSON object: { … }."))));
    }
    this.body = object;
    for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!known.contains(name)) {
        wrong(name, "There is no such field. " + Suggestions.of(name, known));
      }
    }
  }

  /** Whether the member is there, null or not. */
  public boolean has(String name) {
    return body.has(name);
  }

  public boolean isNull(String name) {
    return body.has(name) && body.get(name).isNull();
  }

  /** Notes that a member is wrong: a sentence that says how to mend it. */
  public void wrong(String name, String detail) {
    errors.add(new Problem.FieldError(Pointers.member(name), detail));
  }

  /** Notes that an item of a list is wrong. */
  public void wrong(String name, int index, String detail) {
    errors.add(new Problem.FieldError(Pointers.member(name) + "/" + index, detail));
  }

  /** Notes that a member of a member is wrong. */
  public void wrong(String name, String member, String detail) {
    errors.add(
        new Problem.FieldError(Pointers.member(name) + "/" + Pointers.escape(member), detail));
  }

  /** Notes that the body as a whole is wrong. */
  public void wrong(String detail) {
    errors.add(new Problem.FieldError("#", detail));
  }

  /** Notes the member's absence; null counts as absent. */
  public void require(String name) {
    if (!has(name) || isNull(name)) {
      wrong(name, "It is required.");
    }
  }

  /** A text of this many code points, without control characters. */
  public Optional<String> line(String name, int min, int max) {
    return text(name, min, max)
        .filter(text -> {
          boolean clean = isClean(text);
          if (!clean) {
            wrong(name, "It must not contain control characters such as line breaks.");
          }
          return clean;
        });
  }

  /** A text of this many code points. */
  public Optional<String> text(String name, int min, int max) {
    return read(
        name,
        value -> {
          if (!value.isTextual()) {
            return wrongType(name, "a text in quotes");
          }
          String text = value.textValue();
          int length = length(text);
          if (length < min || length > max) {
            wrong(name, "It must have %d to %d characters, not %d.".formatted(min, max, length));
            return Optional.empty();
          }
          return Optional.of(text);
        });
  }

  /** One of these words, as what it stands for. */
  public <T> Optional<T> choice(
      String name, List<String> words, Function<String, Optional<T>> meaning) {
    return read(
        name,
        value -> {
          Optional<T> chosen =
              value.isTextual() ? meaning.apply(value.textValue()) : Optional.empty();
          if (chosen.isEmpty()) {
            wrong(name, "It must be one of %s, in quotes.".formatted(String.join(", ", words)));
          }
          return chosen;
        });
  }

  public Optional<Boolean> bool(String name) {
    return read(
        name,
        value ->
            value.isBoolean()
                ? Optional.of(value.booleanValue())
                : wrongType(name, "true or false, without quotes"));
  }

  /** A whole number; {@code 10.0} counts as one. */
  public Optional<Integer> integer(String name, int min, int max) {
    return read(
        name,
        value -> {
          if (!value.isNumber()) {
            return wrongType(name, "a whole number without quotes, such as %d".formatted(max / 2));
          }
          BigDecimal number = value.decimalValue();
          boolean isWhole = number.signum() == 0 || number.stripTrailingZeros().scale() <= 0;
          if (!isWhole || isOutside(number, min, max)) {
            wrong(name, "It must be a whole number from %d to %d.".formatted(min, max));
            return Optional.empty();
          }
          return Optional.of(number.intValueExact());
        });
  }

  /** A value of a setting, by its name in the REST API. */
  public Optional<?> setting(Setting setting) {
    return switch (setting.type()) {
      case SettingType.Text(int min, int max) -> line(setting.restName(), min, max);
      case SettingType.Money _ -> budget(setting.restName());
      case SettingType.Count(int max) -> integer(setting.restName(), 0, max);
    };
  }

  /** An amount of US dollars that a budget can have. */
  public Optional<Budget> budget(String name) {
    return usd(name, Bounds.BUDGET_USD_MAX).map(amount -> new Budget(amount.micros()));
  }

  /** An amount of US dollars, from 0 to this. */
  public Optional<MicroUsd> usd(String name, long max) {
    return read(
        name,
        value -> {
          if (!value.isNumber()) {
            return wrongType(name, "a number without quotes, such as 200");
          }
          BigDecimal number = value.decimalValue();
          if (isOutside(number, 0, max)) {
            wrong(name, "It must be from 0 to %d US dollars.".formatted(max));
            return Optional.empty();
          }
          if (number.signum() != 0 && number.stripTrailingZeros().scale() > MicroUsd.DECIMALS) {
            wrong(name, "It must have at most %d decimals.".formatted(MicroUsd.DECIMALS));
            return Optional.empty();
          }
          return Optional.of(MicroUsd.ofUsd(number));
        });
  }

  /** A time with an offset (RFC 3339). */
  public Optional<Instant> time(String name) {
    return read(
        name,
        value -> {
          if (!value.isTextual()) {
            return wrongType(name, "a time in quotes, such as \"2030-01-31T12:00:00Z\"");
          }
          try {
            OffsetDateTime time = OffsetDateTime.parse(value.textValue());
            if (time.getYear() >= 1 && time.getYear() <= YEAR_MAX) {
              return Optional.of(time.toInstant());
            }
          } catch (DateTimeException e) {
            // Told below.
          }
          wrong(
              name, "It must be a time with its offset (RFC 3339), such as 2030-01-31T12:00:00Z.");
          return Optional.empty();
        });
  }

  /** A list of texts. */
  public Optional<List<String>> texts(String name) {
    return read(
        name,
        value -> {
          if (!value.isArray()) {
            return wrongType(name, "a list of texts");
          }
          List<String> texts = new ArrayList<>();
          for (JsonNode item : value) {
            if (!item.isTextual()) {
              errors.add(
                  new Problem.FieldError(
                      Pointers.member(name) + "/" + texts.size(), "It must be a text in quotes."));
              return Optional.empty();
            }
            texts.add(item.textValue());
          }
          return Optional.of(texts);
        });
  }

  /** The member as it is, if it is there. */
  public Optional<JsonNode> raw(String name) {
    return Optional.ofNullable(body.get(name));
  }

  public boolean isValid() {
    return errors.isEmpty();
  }

  /**
   * Ends the reading.
   *
   * @throws ProblemException with everything that is wrong, if anything is
   */
  public void finish() {
    if (!errors.isEmpty()) {
      throw new ProblemException(Problem.invalid(errors));
    }
  }

  private <T> Optional<T> read(String name, Function<JsonNode, Optional<T>> reader) {
    JsonNode value = body.get(name);
    return value == null || value.isNull() ? Optional.empty() : reader.apply(value);
  }

  private <T> Optional<T> wrongType(String name, String expected) {
    wrong(name, "It must be %s.".formatted(expected));
    return Optional.empty();
  }

  /** Whether a text has this many code points, and no control characters. */
  public static boolean isLine(String text, int min, int max) {
    return length(text) >= min && length(text) <= max && isClean(text);
  }

  /** Whether the text has no control characters. */
  public static boolean isClean(String text) {
    return text.codePoints().noneMatch(Character::isISOControl);
  }

  private static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  private static boolean isOutside(BigDecimal number, long min, long max) {
    return number.compareTo(BigDecimal.valueOf(min)) < 0
        || number.compareTo(BigDecimal.valueOf(max)) > 0;
  }
}
