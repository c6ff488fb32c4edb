package dev.workspaceoperator.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.workspaceoperator.http.server.Answer;
import dev.workspaceoperator.http.server.Exchange;
import dev.workspaceoperator.http.server.Json;
import dev.workspaceoperator.http.server.Lists;
import dev.workspaceoperator.http.server.MediaTypes;
import dev.workspaceoperator.http.server.Route;
import dev.workspaceoperator.http.server.Route.RequestBody;
import dev.workspaceoperator.http.server.Verb;
import dev.workspaceoperator.http.view.Csv;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.port.Page;
import dev.workspaceoperator.workspace.port.UsageBooks;
import dev.workspaceoperator.workspace.port.UsageBooks.DayTotal;
import dev.workspaceoperator.workspace.port.UsageBooks.Range;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code /v1/usage/history}: what a workspace used by day, by month or by user. */
final class UsageHistoryResource {
  private static final String GROUP_BY = "group_by";
  private static final List<String> TYPES = List.of(MediaTypes.JSON, MediaTypes.CSV);

  private final UsageBooks books;

  UsageHistoryResource(UsageBooks books) {
    this.books = books;
  }

  List<Route> routes() {
    return List.of(
        Route.workspace(
                Verb.GET,
                "/v1/usage/history",
                Scope.WORKSPACE_READ,
                RequestBody.NONE,
                this::history)
            .producing(TYPES.toArray(String[]::new))
            .forFleetToo());
  }

  /** What is summed up. */
  private enum Grouping {
    DAY("day"),
    MONTH("month"),
    USER("user_id");

    /** The name of what the items are of. */
    private final String field;

    Grouping(String field) {
      this.field = field;
    }

    /** As the query has it. */
    String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Grouping of(String label) {
      return Arrays.stream(values())
          .filter(grouping -> grouping.label().equals(label))
          .findFirst()
          .orElseThrow(() ->
              Lists.badRequest(
                  Arrays.stream(values())
                      .map(Grouping::label)
                      .collect(Collectors.joining(", ", GROUP_BY + " must be one of ", "."))));
    }
  }

  /** What was used in one of the groups. */
  private record GroupTotal(String group, MicroUsd spent, MicroUsd reserved) {
    GroupTotal with(GroupTotal other) {
      return new GroupTotal(
          group,
          new MicroUsd(spent.micros() + other.spent.micros()),
          new MicroUsd(reserved.micros() + other.reserved.micros()));
    }
  }

  /** Part of the groups of some days. */
  private record History(Range range, Page<GroupTotal> totals) {}

  private Answer history(Exchange exchange) {
    Grouping grouping = Grouping.of(Lists.parameter(exchange, GROUP_BY).orElse("day"));
    List<String> parameters =
        Stream.concat(UsageRange.PARAMETERS.stream(), Stream.of(GROUP_BY)).toList();
    History history =
        Lists.page(
            exchange,
            parameters,
            request -> {
              Range range = UsageRange.of(exchange, books);
              return new History(range, totals(exchange, grouping, range, request));
            });
    return exchange.preferred(TYPES).equals(MediaTypes.CSV)
        ? csv(exchange, grouping, history.totals())
        : json(grouping, history);
  }

  private Page<GroupTotal> totals(
      Exchange exchange, Grouping grouping, Range range, Page.Request request) {
    return switch (grouping) {
      case DAY -> whole(exchange, range, request, LocalDate::toString);
      case MONTH ->
          whole(exchange, range, request, day -> day.toString().substring(0, "2030-01".length()));
      case USER -> {
        var page = books.users(exchange.workspaceId(), range, exchange.onlyUser(), request);
        yield new Page<>(
            page.items().stream()
                .map(user -> new GroupTotal(user.userId(), user.spent(), user.reserved()))
                .toList(),
            page.next());
      }
    };
  }

  /**
   * All at once: they are few, so no cursor is given. Days without a book are there, with nothing.
   */
  private Page<GroupTotal> whole(
      Exchange exchange, Range range, Page.Request request, Function<LocalDate, String> group) {
    if (request.cursor().isPresent()) {
      throw new Page.BadCursorException();
    }
    Map<String, GroupTotal> totals = new TreeMap<>();
    range
        .from()
        .datesUntil(range.to().plusDays(1))
        .map(group)
        .forEach(name -> totals.put(name, new GroupTotal(name, MicroUsd.ZERO, MicroUsd.ZERO)));
    for (DayTotal day : books.days(exchange.workspaceId(), range)) {
      String name = group.apply(day.day());
      totals.merge(name, new GroupTotal(name, day.spent(), day.reserved()), GroupTotal::with);
    }
    return new Page<>(List.copyOf(totals.values()), Optional.empty());
  }

  private static Answer json(Grouping grouping, History history) {
    return Answer.ok(
        Json.bytes(json -> {
          json.writeStartObject();
          json.writeStringField(UsageRange.FROM, history.range().from().toString());
          json.writeStringField(UsageRange.TO, history.range().to().toString());
          json.writeStringField(GROUP_BY, grouping.label());
          json.writeStringField("time_zone", UsageRange.UTC);
          Lists.write(
              json, history.totals(), (generator, total) -> write(generator, grouping, total));
          json.writeEndObject();
        }));
  }

  private static void write(JsonGenerator json, Grouping grouping, GroupTotal total)
      throws IOException {
    json.writeStringField(grouping.field, total.group());
    json.writeNumberField("spent_usd", total.spent().toUsd());
    json.writeNumberField("reserved_usd", total.reserved().toUsd());
  }

  /** The same as a table; where the rest begins is told by the header {@code Link}. */
  private static Answer csv(Exchange exchange, Grouping grouping, Page<GroupTotal> totals) {
    StringBuilder table = new StringBuilder();
    table.append(Csv.line(grouping.field, "spent_usd", "reserved_usd"));
    for (GroupTotal total : totals.items()) {
      table.append(
          Csv.line(Csv.text(total.group()), total.spent().toString(), total.reserved().toString()));
    }
    Answer.Whole answer =
        Answer.ok(Csv.CONTENT_TYPE, table.toString().getBytes(StandardCharsets.UTF_8));
    return totals
        .next()
        .map(cursor ->
            answer.with(
                HeaderValues.create(
                    HeaderNames.LINK,
                    "<%s>; rel=\"next\"".formatted(Lists.next(exchange, cursor)))))
        .orElse(answer);
  }
}
