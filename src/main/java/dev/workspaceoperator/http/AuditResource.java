package dev.workspaceoperator.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.workspaceoperator.http.server.Answer;
import dev.workspaceoperator.http.server.Exchange;
import dev.workspaceoperator.http.server.Json;
import dev.workspaceoperator.http.server.Lists;
import dev.workspaceoperator.http.server.Route;
import dev.workspaceoperator.http.server.Route.RequestBody;
import dev.workspaceoperator.http.server.Verb;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.port.AuditLog;
import java.io.IOException;
import java.util.List;

/** {@code /v1/audit}: who changed what. */
final class AuditResource {
  private final AuditLog audit;

  AuditResource(AuditLog audit) {
    this.audit = audit;
  }

  List<Route> routes() {
    return List.of(
        Route.workspace(Verb.GET, "/v1/audit", Scope.WORKSPACE_READ, RequestBody.NONE, this::list)
            .forFleetToo());
  }

  private Answer list(Exchange exchange) {
    return Lists.answer(
        exchange, request -> audit.list(exchange.workspaceId(), request), AuditResource::write);
  }

  private static void write(JsonGenerator json, AuditLog.Entry entry) throws IOException {
    json.writeNumberField("seq", entry.seq());
    Json.time(json, "time", entry.time());
    json.writeStringField("actor", entry.actor());
    json.writeStringField("layer", entry.layer());
    json.writeStringField("field", entry.field());
    json.writeFieldName("before");
    json.writeRawValue(entry.before().orElse("null"));
    json.writeFieldName("after");
    json.writeRawValue(entry.after().orElse("null"));
    Json.text(json, "reason", entry.reason());
    Json.text(json, "request_id", entry.requestId());
    json.writeStringField("hash", entry.hash());
  }
}
