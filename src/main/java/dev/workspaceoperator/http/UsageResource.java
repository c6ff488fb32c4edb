package dev.workspaceoperator.http;

import dev.workspaceoperator.http.server.Answer;
import dev.workspaceoperator.http.server.Exchange;
import dev.workspaceoperator.http.server.Json;
import dev.workspaceoperator.http.server.Lists;
import dev.workspaceoperator.http.server.Route;
import dev.workspaceoperator.http.server.Route.RequestBody;
import dev.workspaceoperator.http.server.Verb;
import dev.workspaceoperator.http.view.UsageView;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.port.RunBooks;
import dev.workspaceoperator.workspace.port.RunBooks.DayUsage;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/** {@code /v1/usage}: what a workspace and its users used on a day (design.md §6). */
final class UsageResource {
  private static final String DAY = "day";

  private final RunBooks books;

  UsageResource(RunBooks books) {
    this.books = books;
  }

  List<Route> routes() {
    return List.of(
        Route.workspace(Verb.GET, "/v1/usage", Scope.WORKSPACE_READ, RequestBody.NONE, this::get)
            .forFleetToo());
  }

  private Answer get(Exchange exchange) {
    Optional<LocalDate> day = Lists.parameter(exchange, DAY).map(text -> UsageRange.day(DAY, text));
    DayUsage usage =
        Lists.page(
                exchange,
                List.of(DAY),
                request -> books.usage(exchange.workspaceId(), day, exchange.onlyUser(), request))
            .orElseThrow(() -> Exchange.notFound("workspace"));
    return Answer.ok(
        Json.bytes(json -> {
          json.writeStartObject();
          UsageView.writeTotals(
              json,
              usage.usage(),
              usage.dailyBudget(),
              usage.monthlyBudget(),
              usage.maxConcurrentRuns());
          json.writeObjectFieldStart("users");
          Lists.write(
              json,
              usage.users(),
              (generator, user) -> {
                generator.writeStringField("user_id", user.userId());
                generator.writeNumberField("spent_usd", user.spent().toUsd());
                generator.writeNumberField("reserved_usd", user.reserved().toUsd());
              });
          json.writeEndObject();
          json.writeEndObject();
        }));
  }
}
