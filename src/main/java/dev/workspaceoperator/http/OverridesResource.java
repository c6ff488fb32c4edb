package dev.workspaceoperator.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import dev.workspaceoperator.http.server.Answer;
import dev.workspaceoperator.http.server.Exchange;
import dev.workspaceoperator.http.server.Fields;
import dev.workspaceoperator.http.server.Idempotency;
import dev.workspaceoperator.http.server.Json;
import dev.workspaceoperator.http.server.Lists;
import dev.workspaceoperator.http.server.Pointers;
import dev.workspaceoperator.http.server.Problem;
import dev.workspaceoperator.http.server.ProblemException;
import dev.workspaceoperator.http.server.RefusalProblems;
import dev.workspaceoperator.http.server.Route;
import dev.workspaceoperator.http.server.Route.RequestBody;
import dev.workspaceoperator.http.server.Verb;
import dev.workspaceoperator.workspace.Bounds;
import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingType;
import dev.workspaceoperator.workspace.SettingsOverride;
import dev.workspaceoperator.workspace.port.Created;
import dev.workspaceoperator.workspace.port.OverrideStore;
import dev.workspaceoperator.workspace.port.OverrideStore.Draft;
import dev.workspaceoperator.workspace.port.OverrideStore.StoredOverride;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code /v1/workspace/overrides}: breaking glass (design.md §4). */
final class OverridesResource {
  private static final String PATH = "/v1/workspace/overrides";
  private static final String THING = "override";
  private static final String EXPIRES_AT = "expires_at";
  private static final String REASON = "reason";
  private static final List<Setting> SETTINGS = Setting.overridable();
  private static final List<String> FIELDS =
      Stream.concat(SETTINGS.stream().map(Setting::restName), Stream.of(EXPIRES_AT, REASON))
          .toList();

  private final OverrideStore overrides;

  OverridesResource(OverrideStore overrides) {
    this.overrides = overrides;
  }

  List<Route> routes() {
    return List.of(
        Route.workspace(Verb.GET, PATH, Scope.WORKSPACE_OVERRIDE, RequestBody.NONE, this::list)
            .forFleetToo(),
        Route.workspace(Verb.POST, PATH, Scope.WORKSPACE_OVERRIDE, RequestBody.JSON, this::create)
            .forFleetToo(),
        Route.workspace(
                Verb.DELETE,
                PATH + "/{id}",
                Scope.WORKSPACE_OVERRIDE,
                RequestBody.NONE,
                this::delete)
            .withoutBody()
            .forFleetToo());
  }

  private Answer list(Exchange exchange) {
    return Lists.answer(
        exchange,
        request -> overrides.list(exchange.workspaceId(), request),
        OverridesResource::write);
  }

  private Answer create(Exchange exchange) {
    Draft draft = draft(exchange.body());
    Created<StoredOverride> created;
    try {
      created =
          RefusalProblems.orThrow(
              overrides.create(
                  exchange.workspaceId(), draft, Idempotency.of(exchange), exchange.actor()),
              "workspace");
    } catch (OverrideStore.InvalidEndException e) {
      throw new ProblemException(
          Problem.invalid(
              List.of(
                  new Problem.FieldError(
                      Pointers.member(EXPIRES_AT),
                      "It must be after now, and at most 24 hours away."))));
    }
    StoredOverride entry = created.value();
    return Answer.created(
        Json.bytes(json -> {
          json.writeStartObject();
          write(json, entry);
          json.writeEndObject();
        }),
        exchange.barePath() + "/" + entry.override().id(),
        created.replayed());
  }

  private Answer delete(Exchange exchange) {
    RefusalProblems.orThrow(
        overrides.delete(exchange.workspaceId(), exchange.pathId(0, THING), exchange.actor()),
        THING);
    return Answer.noContent();
  }

  private static Draft draft(JsonNode body) {
    Fields fields = new Fields(body, FIELDS);
    List<Setting> given =
        SETTINGS.stream().filter(setting -> fields.has(setting.restName())).toList();
    if (given.size() != 1) {
      fields.wrong(
          "Exactly one of these is required: %s."
              .formatted(
                  SETTINGS.stream().map(Setting::restName).collect(Collectors.joining(", "))));
    }
    List<Long> values = given.stream().map(setting -> value(fields, setting)).toList();
    fields.require(EXPIRES_AT);
    Optional<Instant> expiresAt = fields.time(EXPIRES_AT);
    fields.require(REASON);
    Optional<String> reason = fields.text(REASON, 1, Bounds.REASON_LENGTH_MAX);
    fields.finish();
    return new Draft(
        given.getFirst(), values.getFirst(), expiresAt.orElseThrow(), reason.orElseThrow());
  }

  /** Zero for a value that is wrong; its error is noted. */
  private static long value(Fields fields, Setting setting) {
    if (setting.type() instanceof SettingType.Money && fields.isNull(setting.restName())) {
      return Budget.UNLIMITED.micros();
    }
    fields.require(setting.restName());
    return switch (fields.setting(setting).<Object>map(value -> value).orElse(0)) {
      case Budget budget -> budget.micros();
      case Integer count -> count;
      case Object other ->
          throw new IllegalStateException("no override can be " + other.getClass());
    };
  }

  private static void write(JsonGenerator json, StoredOverride entry) throws IOException {
    SettingsOverride override = entry.override();
    json.writeStringField("id", override.id().toString());
    json.writeStringField("field", override.setting().restName());
    json.writeFieldName("value");
    Json.value(json, override.decoded());
    Json.time(json, EXPIRES_AT, override.expiresAt());
    json.writeStringField(REASON, entry.reason());
    json.writeStringField("created_by", entry.createdBy());
    Json.time(json, "created_at", override.createdAt());
  }
}
