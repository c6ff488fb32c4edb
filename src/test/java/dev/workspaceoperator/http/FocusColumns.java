package dev.workspaceoperator.http;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The rules of FOCUS 1.2 for a row of cost and usage, column by column: which there must be, which
 * may be null, and of what form each is.
 */
final class FocusColumns {
  private static final Pattern DECIMAL = Pattern.compile("-?[0-9]+(\\.[0-9]+)?(E-?[0-9]+)?");
  private static final Pattern TIME =
      Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z");
  private static final Pattern CURRENCY = Pattern.compile("[A-Z]{3}");
  private static final Pattern CUSTOM = Pattern.compile("x_[A-Z][A-Za-z0-9]{0,48}");

  private static final Map<String, Column> COLUMNS =
      Map.ofEntries(
          mandatory("BilledCost", Form.DECIMAL, Null.NEVER),
          mandatory("BillingAccountId", Form.TEXT, Null.NEVER),
          mandatory("BillingAccountName", Form.TEXT, Null.MAYBE),
          mandatory("BillingCurrency", Form.CURRENCY, Null.NEVER),
          mandatory("BillingPeriodEnd", Form.TIME, Null.NEVER),
          mandatory("BillingPeriodStart", Form.TIME, Null.NEVER),
          mandatory(
              "ChargeCategory",
              Form.TEXT,
              Null.NEVER,
              "Usage",
              "Purchase",
              "Tax",
              "Credit",
              "Adjustment"),
          mandatory("ChargeClass", Form.TEXT, Null.MAYBE, "Correction"),
          mandatory("ChargeDescription", Form.TEXT, Null.MAYBE),
          other("ChargeFrequency", Form.TEXT, Null.NEVER, "One-Time", "Recurring", "Usage-Based"),
          mandatory("ChargePeriodEnd", Form.TIME, Null.NEVER),
          mandatory("ChargePeriodStart", Form.TIME, Null.NEVER),
          mandatory("ContractedCost", Form.DECIMAL, Null.NEVER),
          mandatory("EffectiveCost", Form.DECIMAL, Null.NEVER),
          mandatory("InvoiceIssuerName", Form.TEXT, Null.NEVER),
          mandatory("ListCost", Form.DECIMAL, Null.NEVER),
          mandatory("PricingQuantity", Form.DECIMAL, Null.MAYBE),
          mandatory("PricingUnit", Form.TEXT, Null.MAYBE),
          mandatory("ProviderName", Form.TEXT, Null.NEVER),
          mandatory("PublisherName", Form.TEXT, Null.NEVER),
          mandatory("ServiceCategory", Form.TEXT, Null.NEVER, "AI and Machine Learning"),
          mandatory("ServiceName", Form.TEXT, Null.NEVER),
          other("ServiceSubcategory", Form.TEXT, Null.NEVER, "Generative AI"),
          other("SubAccountId", Form.TEXT, Null.MAYBE),
          other("SubAccountName", Form.TEXT, Null.MAYBE));

  private FocusColumns() {}

  /** Of what form the values of a column are. */
  private enum Form {
    TEXT,
    DECIMAL,
    TIME,
    CURRENCY
  }

  /** Whether a column may be null; null is an empty cell. */
  private enum Null {
    NEVER,
    MAYBE
  }

  /**
   * A column.
   *
   * @param allowed the values that it can have; empty for any
   */
  private record Column(boolean mandatory, Form form, Null nulls, Set<String> allowed) {
    Optional<String> mistake(String value) {
      if (value.isEmpty()) {
        return nulls == Null.MAYBE ? Optional.empty() : Optional.of("must not be null");
      }
      boolean fits =
          switch (form) {
            case TEXT -> !value.isBlank();
            case DECIMAL -> DECIMAL.matcher(value).matches();
            case TIME -> TIME.matcher(value).matches();
            case CURRENCY -> CURRENCY.matcher(value).matches();
          };
      if (!fits) {
        return Optional.of("is no " + form + ": " + value);
      }
      return allowed.isEmpty() || allowed.contains(value)
          ? Optional.empty()
          : Optional.of("must not be " + value);
    }
  }

  private static Map.Entry<String, Column> mandatory(
      String name, Form form, Null nulls, String... allowed) {
    return Map.entry(name, new Column(true, form, nulls, Set.of(allowed)));
  }

  private static Map.Entry<String, Column> other(
      String name, Form form, Null nulls, String... allowed) {
    return Map.entry(name, new Column(false, form, nulls, Set.of(allowed)));
  }

  /** What is wrong with the names of the columns of a data set. */
  static List<String> mistakesOfHeader(List<String> names) {
    List<String> mistakes = new ArrayList<>();
    COLUMNS.forEach((name, column) -> {
      if (column.mandatory() && !names.contains(name)) {
        mistakes.add(name + " is missing");
      }
    });
    boolean custom = false;
    for (String name : names) {
      if (CUSTOM.matcher(name).matches()) {
        custom = true;
      } else if (!COLUMNS.containsKey(name)) {
        mistakes.add(name + " is no column");
      } else if (custom) {
        mistakes.add(name + " stands behind a column of our own");
      }
    }
    if (Set.copyOf(names).size() < names.size()) {
      mistakes.add("a column is there twice");
    }
    return mistakes;
  }

  /** What is wrong with a row. */
  static List<String> mistakes(Map<String, String> row) {
    List<String> mistakes = new ArrayList<>();
    row.forEach((name, value) ->
        Optional.ofNullable(COLUMNS.get(name))
            .flatMap(column -> column.mistake(value))
            .ifPresent(mistake -> mistakes.add(name + " " + mistake)));
    if (!mistakes.isEmpty()) {
      return mistakes;
    }
    if (row.getOrDefault("ChargeCategory", "").equals("Usage")
        && row.getOrDefault("PricingQuantity", "").isEmpty()) {
      mistakes.add("PricingQuantity must not be null for usage");
    }
    same(row, mistakes, "PricingQuantity", "PricingUnit");
    same(row, mistakes, "SubAccountId", "SubAccountName");
    inOrder(
        row,
        mistakes,
        "BillingPeriodStart",
        "ChargePeriodStart",
        "ChargePeriodEnd",
        "BillingPeriodEnd");
    if (new BigDecimal(row.getOrDefault("BilledCost", "-1")).signum() < 0) {
      mistakes.add("BilledCost of usage is negative");
    }
    return mistakes;
  }

  private static void same(
      Map<String, String> row, List<String> mistakes, String first, String second) {
    if (row.getOrDefault(first, "").isEmpty() != row.getOrDefault(second, "").isEmpty()) {
      mistakes.add(first + " and " + second + " must both be null, or neither");
    }
  }

  private static void inOrder(Map<String, String> row, List<String> mistakes, String... names) {
    List<Instant> times =
        Arrays.stream(names).map(name -> Instant.parse(row.getOrDefault(name, ""))).toList();
    if (!times.equals(times.stream().sorted().toList())
        || times.getFirst().equals(times.getLast())) {
      mistakes.add(String.join(" <= ", names) + " does not hold: " + times);
    }
  }
}
