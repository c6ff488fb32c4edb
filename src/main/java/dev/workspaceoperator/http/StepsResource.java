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
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.Step;
import dev.workspaceoperator.workspace.port.Admissions;
import dev.workspaceoperator.workspace.port.Created;
import dev.workspaceoperator.workspace.port.StepDraft;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code /v1/runs/{id}/steps}: asking before a step, and telling what it really cost (design.md
 * §6).
 */
final class StepsResource {
  private static final String PATH = RunsResource.PATH + "/{id}/steps";
  private static final String THING = "step";
  private static final String MAX_COST = "max_cost_usd";
  private static final String NAME = "name";
  private static final String COST = "cost_usd";

  private final Admissions admissions;

  StepsResource(Admissions admissions) {
    this.admissions = admissions;
  }

  List<Route> routes() {
    return List.of(
        Route.workspace(Verb.POST, PATH, Scope.RUNS_WRITE, RequestBody.OPTIONAL_JSON, this::admit)
            .costing(Route.Cost.AT_ONCE),
        Route.workspace(
                Verb.POST,
                PATH + "/{step_id}/settle",
                Scope.RUNS_WRITE,
                RequestBody.JSON,
                this::settle)
            .costing(Route.Cost.AT_ONCE));
  }

  private Answer admit(Exchange exchange) {
    Fields fields = new Fields(exchange.body(), List.of(MAX_COST, NAME, LabelsField.NAME));
    Optional<MicroUsd> maxCost = fields.usd(MAX_COST, Bounds.COST_USD_MAX);
    Optional<String> name = fields.line(NAME, 0, Bounds.STEP_NAME_LENGTH_MAX);
    Map<String, String> labels = LabelsField.read(fields);
    fields.finish();
    Created<Step> created =
        RefusalProblems.orThrow(
            admissions.step(
                new StepDraft(
                    RunsResource.ref(exchange), maxCost, name, labels, Idempotency.of(exchange))),
            RunsResource.THING);
    return Answer.created(RunView.render(created.value()), created.replayed());
  }

  private Answer settle(Exchange exchange) {
    Fields fields = new Fields(exchange.body(), List.of(COST));
    fields.require(COST);
    Optional<MicroUsd> cost = fields.usd(COST, Bounds.COST_USD_MAX);
    fields.finish();
    return Answer.ok(
        RunView.render(
            RefusalProblems.orThrow(
                admissions.settle(
                    RunsResource.ref(exchange), exchange.pathId(1, THING), cost.orElseThrow()),
                THING)));
  }
}
