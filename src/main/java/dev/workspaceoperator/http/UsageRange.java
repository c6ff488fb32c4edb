package dev.workspaceoperator.http;

import dev.workspaceoperator.http.server.Exchange;
import dev.workspaceoperator.http.server.Lists;
import dev.workspaceoperator.workspace.port.UsageBooks;
import dev.workspaceoperator.workspace.port.UsageBooks.Range;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The days that a query asks for: {@code ?from=&to=&tz=}. */
final class UsageRange {
  static final String FROM = "from";
  static final String TO = "to";
  static final String TIME_ZONE = "tz";

  /** What a query of days may have. */
  static final List<String> PARAMETERS = List.of(FROM, TO, TIME_ZONE);

  static final String UTC = "UTC";

  private static final int DAYS_MAX = 400;
  private static final int DAYS_DEFAULT = 30;
  private static final Set<String> NAMES_OF_UTC = Set.of(UTC, "Etc/UTC", "Z");

  private UsageRange() {}

  /**
   * The days; without {@code to} until today, without {@code from} 30 of them.
   *
   * @throws dev.workspaceoperator.http.server.ProblemException if the query is wrong
   */
  static Range of(Exchange exchange, UsageBooks books) {
    if (!NAMES_OF_UTC.contains(Lists.parameter(exchange, TIME_ZONE).orElse(UTC))) {
      throw Lists.badRequest(
          "tz can only be UTC: the books are kept by UTC days, and have no hours. Leave it out.");
    }
    Optional<LocalDate> from = Lists.parameter(exchange, FROM).map(text -> day(FROM, text));
    LocalDate to = Lists.parameter(exchange, TO).map(text -> day(TO, text)).orElseGet(books::today);
    Range range = new Range(from.orElse(to.minusDays(DAYS_DEFAULT - 1L)), to);
    long days = ChronoUnit.DAYS.between(range.from(), to) + 1;
    if (days < 1 || days > DAYS_MAX) {
      throw Lists.badRequest(
          "The days from %s to %s are %s. Ask for 1 to %d days, from the earlier to the later one."
              .formatted(range.from(), to, days < 1 ? "none" : "" + days, DAYS_MAX));
    }
    return range;
  }

  /**
   * A day of a query.
   *
   * @throws dev.workspaceoperator.http.server.ProblemException if it is none
   */
  static LocalDate day(String parameter, String text) {
    try {
      LocalDate day = LocalDate.parse(text);
      if (text.length() == 10 && day.getYear() >= 1) {
        return day;
      }
    } catch (DateTimeException e) {
      // Told below.
    }
    throw Lists.badRequest(
        "%s must be a date such as 2030-01-31. It is a day in UTC.".formatted(parameter));
  }
}
