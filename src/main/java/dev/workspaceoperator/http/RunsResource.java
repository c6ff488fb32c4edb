package dev.workspaceoperator.http;

import dev.workspaceoperator.http.server.Answer;
import dev.workspaceoperator.http.server.Exchange;
import dev.workspaceoperator.http.server.Fields;
import dev.workspaceoperator.http.server.Idempotency;
import dev.workspaceoperator.http.server.Lists;
import dev.workspaceoperator.http.server.ProblemCode;
import dev.workspaceoperator.http.server.ProblemException;
import dev.workspaceoperator.http.server.RefusalProblems;
import dev.workspaceoperator.http.server.Route;
import dev.workspaceoperator.http.server.Route.RequestBody;
import dev.workspaceoperator.http.server.Verb;
import dev.workspaceoperator.http.view.RunView;
import dev.workspaceoperator.workspace.Bounds;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Run;
import dev.workspaceoperator.workspace.RunOutcome;
import dev.workspaceoperator.workspace.RunStatus;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.port.Admissions;
import dev.workspaceoperator.workspace.port.Created;
import dev.workspaceoperator.workspace.port.RunBooks;
import dev.workspaceoperator.workspace.port.RunDraft;
import dev.workspaceoperator.workspace.port.RunRef;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** {@code /v1/runs}: asking before a run starts, and what becomes of it (design.md §6). */
final class RunsResource {
  static final String PATH = "/v1/runs";
  static final String THING = "run";

  private static final String USER_ID = "user_id";
  private static final String LEASE_SECONDS = "lease_seconds";
  private static final String MAX_COST = "max_cost_usd";
  private static final String OUTCOME = "outcome";
  private static final String REASON = "reason";
  private static final String STATUS = "status";
  private static final int LEASE_SECONDS_DEFAULT = 30;
  private static final Set<Scope> READERS = Set.of(Scope.RUNS_WRITE, Scope.WORKSPACE_READ);

  private final Admissions admissions;
  private final RunBooks books;

  RunsResource(Admissions admissions, RunBooks books) {
    this.admissions = admissions;
    this.books = books;
  }

  List<Route> routes() {
    String run = PATH + "/{id}";
    return List.of(
        Route.workspace(Verb.POST, PATH, Scope.RUNS_WRITE, RequestBody.JSON, this::start)
            .costing(Route.Cost.AT_ONCE),
        Route.workspace(Verb.GET, PATH, READERS, RequestBody.NONE, this::list).forFleetToo(),
        Route.workspace(Verb.GET, run, READERS, RequestBody.NONE, this::get).forFleetToo(),
        Route.workspace(
                Verb.POST,
                run + "/heartbeat",
                Scope.RUNS_WRITE,
                RequestBody.OPTIONAL_JSON,
                this::heartbeat)
            .costing(Route.Cost.AT_ONCE),
        Route.workspace(
                Verb.POST, run + "/finish", Scope.RUNS_WRITE, RequestBody.JSON, this::finish)
            .costing(Route.Cost.AT_ONCE),
        Route.workspace(
                Verb.POST, run + "/cancel", Scope.WORKSPACE_WRITE, RequestBody.JSON, this::cancel)
            .costing(Route.Cost.AT_ONCE)
            .forFleetToo());
  }

  /** The run that the path names, as far as the caller may see it. */
  static RunRef ref(Exchange exchange) {
    return new RunRef(exchange.workspaceId(), exchange.pathId(0, THING), exchange.onlyUser());
  }

  private Answer start(Exchange exchange) {
    Fields fields =
        new Fields(exchange.body(), List.of(USER_ID, LEASE_SECONDS, MAX_COST, LabelsField.NAME));
    fields.require(USER_ID);
    Optional<String> userId = fields.line(USER_ID, 1, Bounds.USER_ID_LENGTH_MAX);
    int leaseSeconds =
        fields
            .integer(LEASE_SECONDS, Bounds.LEASE_SECONDS_MIN, Bounds.LEASE_SECONDS_MAX)
            .orElse(LEASE_SECONDS_DEFAULT);
    Optional<MicroUsd> maxCost = fields.usd(MAX_COST, Bounds.COST_USD_MAX);
    Map<String, String> labels = LabelsField.read(fields);
    fields.finish();
    requireOwn(exchange, userId.orElseThrow());
    Created<Run> created =
        RefusalProblems.orThrow(
            admissions.start(
                new RunDraft(
                    exchange.workspaceId(),
                    userId.orElseThrow(),
                    leaseSeconds,
                    maxCost,
                    labels,
                    Idempotency.of(exchange))),
            "workspace");
    return Answer.created(
        RunView.render(created.value()), PATH + "/" + created.value().id(), created.replayed());
  }

  private Answer list(Exchange exchange) {
    Optional<String> userId = Lists.parameter(exchange, USER_ID).map(RunsResource::userId);
    userId.ifPresent(wanted -> requireOwn(exchange, wanted));
    Optional<RunStatus> status = Lists.parameter(exchange, STATUS).map(RunsResource::status);
    return Lists.answer(
        exchange,
        List.of(STATUS, USER_ID),
        request ->
            books.runs(
                exchange.workspaceId(), status, userId.or(() -> exchange.onlyUser()), request),
        RunView::write);
  }

  private Answer get(Exchange exchange) {
    return books
        .run(ref(exchange))
        .map(run -> Answer.ok(RunView.render(run)))
        .orElseThrow(() -> Exchange.notFound(THING));
  }

  private Answer heartbeat(Exchange exchange) {
    new Fields(exchange.body(), List.of()).finish();
    return run(admissions.heartbeat(ref(exchange)));
  }

  private Answer finish(Exchange exchange) {
    Fields fields = new Fields(exchange.body(), List.of(OUTCOME));
    fields.require(OUTCOME);
    Optional<RunOutcome> outcome = outcome(fields);
    fields.finish();
    return run(admissions.finish(ref(exchange), outcome.orElseThrow()));
  }

  private Answer cancel(Exchange exchange) {
    Fields fields = new Fields(exchange.body(), List.of(REASON));
    fields.require(REASON);
    Optional<String> reason = fields.text(REASON, 1, Bounds.REASON_LENGTH_MAX);
    fields.finish();
    return run(admissions.cancel(ref(exchange), reason.orElseThrow(), exchange.actor()));
  }

  /** How a run ended, if that is told. */
  static Optional<RunOutcome> outcome(Fields fields) {
    return fields.choice(OUTCOME, labels(RunOutcome.values()), RunOutcome::ofLabel);
  }

  private static Answer run(Outcome<Run> outcome) {
    return Answer.ok(RunView.render(RefusalProblems.orThrow(outcome, THING)));
  }

  /** A token of one user acts for that user alone. */
  static void requireOwn(Exchange exchange, String userId) {
    Optional<String> own = exchange.onlyUser();
    if (own.isPresent() && !own.get().equals(userId)) {
      throw new ProblemException(
          ProblemCode.USER_MISMATCH,
          "This token is of the user %s, and acts for no other. Send that as user_id."
              .formatted(own.get()));
    }
  }

  private static String userId(String wanted) {
    if (!Fields.isLine(wanted, 1, Bounds.USER_ID_LENGTH_MAX)) {
      throw Lists.badRequest(
          "user_id must have 1 to %d characters, and no control characters such as line breaks."
              .formatted(Bounds.USER_ID_LENGTH_MAX));
    }
    return wanted;
  }

  private static RunStatus status(String label) {
    return RunStatus.ofLabel(label)
        .orElseThrow(() ->
            Lists.badRequest(
                Arrays.stream(RunStatus.values())
                    .map(RunStatus::label)
                    .collect(Collectors.joining(", ", "status must be one of ", "."))));
  }

  private static List<String> labels(RunOutcome[] outcomes) {
    return Arrays.stream(outcomes).map(outcome -> outcome.status().label()).toList();
  }
}
