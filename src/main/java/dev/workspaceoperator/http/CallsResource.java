package dev.workspaceoperator.http;

import dev.workspaceoperator.http.server.Answer;
import dev.workspaceoperator.http.server.Exchange;
import dev.workspaceoperator.http.server.Fields;
import dev.workspaceoperator.http.server.Idempotency;
import dev.workspaceoperator.http.server.RefusalProblems;
import dev.workspaceoperator.http.server.Route;
import dev.workspaceoperator.http.server.Route.RequestBody;
import dev.workspaceoperator.http.server.Verb;
import dev.workspaceoperator.http.view.RunView;
import dev.workspaceoperator.workspace.Bounds;
import dev.workspaceoperator.workspace.Call;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.RunOutcome;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.port.Admissions;
import dev.workspaceoperator.workspace.port.CallDraft;
import dev.workspaceoperator.workspace.port.Created;
import dev.workspaceoperator.workspace.port.RunRef;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code /v1/calls}: one model call at a time, for whoever sees no runs (design.md §16). */
final class CallsResource {
  private static final String PATH = "/v1/calls";
  private static final String THING = "call";
  private static final String USER_ID = "user_id";
  private static final String LEASE_SECONDS = "lease_seconds";
  private static final String MAX_COST = "max_cost_usd";
  private static final String NAME = "name";
  private static final String COST = "cost_usd";
  private static final String OUTCOME = "outcome";

  /** As long as a slow model may take: nobody sends heartbeats for a call. */
  private static final int LEASE_SECONDS_DEFAULT = 300;

  private final Admissions admissions;

  CallsResource(Admissions admissions) {
    this.admissions = admissions;
  }

  List<Route> routes() {
    return List.of(
        Route.workspace(Verb.POST, PATH, Scope.RUNS_WRITE, RequestBody.JSON, this::admit)
            .costing(Route.Cost.AT_ONCE),
        Route.workspace(
                Verb.POST, PATH + "/{id}/settle", Scope.RUNS_WRITE, RequestBody.JSON, this::settle)
            .costing(Route.Cost.AT_ONCE));
  }

  private Answer admit(Exchange exchange) {
    Fields fields =
        new Fields(
            exchange.body(), List.of(USER_ID, MAX_COST, LEASE_SECONDS, NAME, LabelsField.NAME));
    fields.require(USER_ID);
    Optional<String> userId = fields.line(USER_ID, 1, Bounds.USER_ID_LENGTH_MAX);
    Optional<MicroUsd> maxCost = fields.usd(MAX_COST, Bounds.COST_USD_MAX);
    int leaseSeconds =
        fields
            .integer(LEASE_SECONDS, Bounds.LEASE_SECONDS_MIN, Bounds.LEASE_SECONDS_MAX)
            .orElse(LEASE_SECONDS_DEFAULT);
    Optional<String> name = fields.line(NAME, 0, Bounds.STEP_NAME_LENGTH_MAX);
    Map<String, String> labels = LabelsField.read(fields);
    fields.finish();
    RunsResource.requireOwn(exchange, userId.orElseThrow());
    Created<Call> created =
        RefusalProblems.orThrow(
            admissions.call(
                new CallDraft(
                    exchange.workspaceId(),
                    userId.orElseThrow(),
                    leaseSeconds,
                    maxCost,
                    name,
                    labels,
                    Idempotency.of(exchange))),
            "workspace");
    return Answer.created(
        RunView.render(created.value()),
        RunsResource.PATH + "/" + created.value().run().id(),
        created.replayed());
  }

  private Answer settle(Exchange exchange) {
    Fields fields = new Fields(exchange.body(), List.of(COST, OUTCOME));
    fields.require(COST);
    Optional<MicroUsd> cost = fields.usd(COST, Bounds.COST_USD_MAX);
    Optional<RunOutcome> outcome = RunsResource.outcome(fields);
    fields.finish();
    RunRef call =
        new RunRef(exchange.workspaceId(), exchange.pathId(0, THING), exchange.onlyUser());
    return Answer.ok(
        RunView.render(
            RefusalProblems.orThrow(
                admissions.settleCall(
                    call, cost.orElseThrow(), outcome.orElse(RunOutcome.SUCCEEDED)),
                THING)));
  }
}
