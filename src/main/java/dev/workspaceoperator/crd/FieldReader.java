package dev.workspaceoperator.crd;

import com.fasterxml.jackson.databind.JsonNode;
import dev.workspaceoperator.workspace.Bounds;
import dev.workspaceoperator.workspace.Budget;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads single fields of unchecked JSON and collects what is wrong. A field that is absent, null or
 * wrong reads as empty; only a wrong one leaves a violation.
 */
final class FieldReader {
  private static final String BUDGET_RULE =
      "must be an integer (100), a decimal in quotes with at most 6 decimals (\"25.50\") from 0 to"
          + " %d, or \"unlimited\"".formatted(Bounds.BUDGET_USD_MAX);
  private static final BigDecimal BUDGET_MAX = BigDecimal.valueOf(Bounds.BUDGET_USD_MAX);

  private final List<Violation> violations = new ArrayList<>();

  /** Everything that was wrong so far. */
  List<Violation> violations() {
    return List.copyOf(violations);
  }

  void refuse(String field, String message) {
    violations.add(new Violation(field, message));
  }

  /** Text of so many code points, which PostgreSQL can store: it refuses U+0000. */
  Optional<String> text(String field, @Nullable JsonNode node, int min, int max) {
    if (node == null || node.isNull()) {
      return Optional.empty();
    }
    if (!node.isTextual()) {
      refuse(field, "must be text, not %s; put it in quotes".formatted(excerpt(node)));
      return Optional.empty();
    }
    String text = node.textValue();
    int length = text.codePointCount(0, text.length());
    if (length < min || length > max) {
      refuse(field, "must have %d to %d characters, not %d".formatted(min, max, length));
      return Optional.empty();
    }
    if (text.indexOf('\0') >= 0) {
      refuse(field, "must not contain the character U+0000");
      return Optional.empty();
    }
    return Optional.of(text);
  }

  /** One of a few words. */
  <T> Optional<T> choice(
      String field, @Nullable JsonNode node, Function<String, Optional<T>> ofLabel, String labels) {
    if (node == null || node.isNull()) {
      return Optional.empty();
    }
    Optional<T> value = node.isTextual() ? ofLabel.apply(node.textValue()) : Optional.empty();
    if (value.isEmpty()) {
      refuse(field, "must be one of %s, not %s".formatted(labels, excerpt(node)));
    }
    return value;
  }

  Optional<Boolean> bool(String field, @Nullable JsonNode node) {
    if (node == null || node.isNull()) {
      return Optional.empty();
    }
    if (!node.isBoolean()) {
      refuse(field, "must be true or false without quotes, not %s".formatted(excerpt(node)));
      return Optional.empty();
    }
    return Optional.of(node.booleanValue());
  }

  /** A whole number; {@code 10.0} counts as 10. */
  Optional<Integer> integer(String field, @Nullable JsonNode node, int min, int max) {
    if (node == null || node.isNull()) {
      return Optional.empty();
    }
    Optional<Integer> value =
        integral(node)
            .filter(number ->
                number.compareTo(BigDecimal.valueOf(min)) >= 0
                    && number.compareTo(BigDecimal.valueOf(max)) <= 0)
            .map(BigDecimal::intValueExact);
    if (value.isEmpty()) {
      refuse(
          field,
          "must be an integer from %d to %d without quotes, not %s"
              .formatted(min, max, excerpt(node)));
    }
    return value;
  }

  /** A whole number of US dollars, a decimal as text, or {@code unlimited}. */
  Optional<Budget> budget(String field, @Nullable JsonNode node) {
    if (node == null || node.isNull()) {
      return Optional.empty();
    }
    Optional<Budget> budget =
        node.isTextual()
            ? Budget.ofText(node.textValue())
            : integral(node)
                .filter(usd -> usd.signum() >= 0 && usd.compareTo(BUDGET_MAX) <= 0)
                .map(Budget::ofUsd);
    if (budget.isEmpty()) {
      refuse(field, BUDGET_RULE + ", not " + excerpt(node));
    }
    return budget;
  }

  /** The value as a person can recognise it, cut short. */
  static String excerpt(JsonNode node) {
    String json = node.toString();
    return json.length() <= 60 ? json : json.substring(0, 60) + "…";
  }

  private static Optional<BigDecimal> integral(JsonNode node) {
    if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
      return Optional.empty();
    }
    BigDecimal value = node.decimalValue();
    return value.signum() == 0 || value.stripTrailingZeros().scale() <= 0
        ? Optional.of(value)
        : Optional.empty();
  }
}
