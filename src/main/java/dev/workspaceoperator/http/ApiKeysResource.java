package dev.workspaceoperator.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import dev.workspaceoperator.auth.ApiKey;
import dev.workspaceoperator.http.server.Answer;
import dev.workspaceoperator.http.server.Exchange;
import dev.workspaceoperator.http.server.Fields;
import dev.workspaceoperator.http.server.Idempotency;
import dev.workspaceoperator.http.server.Json;
import dev.workspaceoperator.http.server.Lists;
import dev.workspaceoperator.http.server.ProblemCode;
import dev.workspaceoperator.http.server.ProblemException;
import dev.workspaceoperator.http.server.RefusalProblems;
import dev.workspaceoperator.http.server.Route;
import dev.workspaceoperator.http.server.Route.RequestBody;
import dev.workspaceoperator.http.server.SignIn;
import dev.workspaceoperator.http.server.Verb;
import dev.workspaceoperator.workspace.Bounds;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.port.ApiKeys;
import dev.workspaceoperator.workspace.port.ApiKeys.KeyRecord;
import dev.workspaceoperator.workspace.port.Created;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** {@code /v1/api-keys}: credentials of the workspace. A key is shown once, when it is made. */
final class ApiKeysResource {
  private static final String PATH = "/v1/api-keys";
  private static final String THING = "API key";
  private static final String SCOPES = "scopes";

  private static final String KNOWN = Scope.labels(scope -> !scope.isFleet());

  private static final String EXPIRES_AT = "expires_at";

  private final ApiKeys keys;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();

  ApiKeysResource(ApiKeys keys, Clock clock) {
    this.keys = keys;
    this.clock = clock;
  }

  List<Route> routes() {
    return List.of(
        Route.workspace(Verb.GET, PATH, Scope.KEYS_WRITE, RequestBody.NONE, unbound(this::list)),
        Route.workspace(Verb.POST, PATH, Scope.KEYS_WRITE, RequestBody.JSON, unbound(this::create)),
        Route.workspace(
                Verb.DELETE,
                PATH + "/{id}",
                Scope.KEYS_WRITE,
                RequestBody.NONE,
                unbound(this::revoke))
            .withoutBody());
  }

  /**
   * Not for a credential of one user: a key acts for every user, and lives on when its maker is
   * long unknown to the issuer.
   */
  private static Route.Endpoint unbound(Route.Endpoint endpoint) {
    return exchange -> {
      exchange
          .principal()
          .userId()
          .ifPresent(user -> {
            throw new ProblemException(
                ProblemCode.USER_MISMATCH,
                "This token is of the user %s alone, and API keys act for every user of the workspace. Use a credential that is bound to nobody."
                    .formatted(user));
          });
      return endpoint.answer(exchange);
    };
  }

  private Answer list(Exchange exchange) {
    return Lists.answer(
        exchange, request -> keys.list(exchange.workspaceId(), request), ApiKeysResource::write);
  }

  private Answer create(Exchange exchange) {
    Draft draft = Draft.read(exchange.body(), clock.instant());
    Set<Scope> had = exchange.principal().scopes();
    if (!had.containsAll(draft.scopes())) {
      Set<Scope> missing = new TreeSet<>(draft.scopes());
      missing.removeAll(had);
      throw SignIn.insufficientToGive(missing);
    }
    ApiKey key = ApiKey.generate(random);
    Created<KeyRecord> created =
        RefusalProblems.orThrow(
            keys.create(
                exchange.workspaceId(),
                draft.name(),
                key.digest(),
                draft.scopes(),
                draft.expiresAt(),
                Idempotency.of(exchange),
                exchange.actor()),
            THING);
    Optional<String> shown = created.replayed() ? Optional.empty() : Optional.of(key.reveal());
    return Answer.created(
        Json.bytes(json -> {
          json.writeStartObject();
          write(json, created.value());
          Json.text(json, "key", shown);
          json.writeEndObject();
        }),
        PATH + "/" + created.value().id(),
        created.replayed());
  }

  private Answer revoke(Exchange exchange) {
    RefusalProblems.orThrow(
        keys.revoke(exchange.workspaceId(), exchange.pathId(0, THING), exchange.actor()), THING);
    return Answer.noContent();
  }

  private static void write(JsonGenerator json, KeyRecord entry) throws IOException {
    json.writeStringField("id", entry.id().toString());
    json.writeStringField("name", entry.name());
    Json.texts(json, SCOPES, new TreeSet<>(entry.scopes()).stream().map(Scope::label).toList());
    json.writeStringField("source", entry.source().label());
    Json.time(json, "created_at", entry.createdAt());
    Json.time(json, EXPIRES_AT, entry.expiresAt());
  }

  /** A key that is asked for. */
  private record Draft(String name, Set<Scope> scopes, Optional<Instant> expiresAt) {

    static Draft read(JsonNode body, Instant now) {
      Fields fields = new Fields(body, List.of("name", SCOPES, EXPIRES_AT));
      fields.require("name");
      Optional<String> name = fields.line("name", 1, Bounds.API_KEY_NAME_LENGTH_MAX);
      fields.require(SCOPES);
      Set<Scope> scopes = EnumSet.noneOf(Scope.class);
      fields.texts(SCOPES).ifPresent(labels -> collect(fields, labels, scopes));
      Optional<Instant> expiresAt = fields.time(EXPIRES_AT);
      if (expiresAt.isPresent() && !expiresAt.get().isAfter(now)) {
        fields.wrong(EXPIRES_AT, "It must be after now.");
      }
      fields.finish();
      return new Draft(name.orElseThrow(), scopes, expiresAt);
    }

    private static void collect(Fields fields, List<String> labels, Set<Scope> scopes) {
      if (labels.isEmpty()) {
        fields.wrong(SCOPES, "It must name at least one scope.");
      }
      for (int i = 0; i < labels.size(); i++) {
        Optional<Scope> scope = Scope.ofLabel(labels.get(i)).filter(it -> !it.isFleet());
        if (scope.isEmpty()) {
          fields.wrong(
              SCOPES,
              i,
              "There is no such scope for the key of a workspace. Known are: %s.".formatted(KNOWN));
        } else if (!scopes.add(scope.get())) {
          fields.wrong(SCOPES, i, "It is there twice.");
        }
      }
    }
  }
}
