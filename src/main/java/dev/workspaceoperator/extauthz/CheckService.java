package dev.workspaceoperator.extauthz;

import dev.workspaceoperator.auth.Authenticator;
import dev.workspaceoperator.auth.Principal;
import dev.workspaceoperator.http.server.AccessLog;
import dev.workspaceoperator.http.server.FailureProblems;
import dev.workspaceoperator.http.server.Fields;
import dev.workspaceoperator.http.server.InFlight;
import dev.workspaceoperator.http.server.Problem;
import dev.workspaceoperator.http.server.ProblemCode;
import dev.workspaceoperator.http.server.ProblemException;
import dev.workspaceoperator.http.server.RefusalProblems;
import dev.workspaceoperator.http.server.RequestIds;
import dev.workspaceoperator.http.server.RequestSlots;
import dev.workspaceoperator.http.server.SignIn;
import dev.workspaceoperator.share.ShareBounds;
import dev.workspaceoperator.share.Shares;
import dev.workspaceoperator.trace.Attribute;
import dev.workspaceoperator.trace.Span;
import dev.workspaceoperator.trace.TraceContext;
import dev.workspaceoperator.trace.Tracer;
import dev.workspaceoperator.workspace.Bounds;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.RunOutcome;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.port.Admissions;
import dev.workspaceoperator.workspace.port.CallDraft;
import dev.workspaceoperator.workspace.port.RunRef;
import dev.workspaceoperator.workspace.port.StepDraft;
import io.envoyproxy.envoy.service.auth.v3.AuthorizationGrpc;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Envoy's question before each request: who asks, what may it cost, is it admitted? Whatever fails
 * is a refusal, never an answer that lets something through.
 */
final class CheckService extends AuthorizationGrpc.AuthorizationImplBase {
  private static final String ROUTE = "ext_authz Check";
  private static final String METHOD = AuthorizationGrpc.getCheckMethod().getFullMethodName();
  private static final int OUR_FAULT = 500;
  private static final String STRANGERS = "those who have not signed in";
  private static final Shares.Place NOWHERE = _ -> {};

  /** What Envoy shows of a larger body is kept until the question is answered. */
  static final int LARGE_BYTES = 8 * 1024;

  /** With messages of {@link ExtAuthzServer#MESSAGE_BYTES_MAX} a third of the heap each. */
  static final ShareBounds LARGE_OF_STRANGERS = new ShareBounds(24, 24);

  static final ShareBounds LARGE_BODIES = ShareBounds.parts(32, 4);

  private final ExtAuthzSettings settings;
  private final Authenticator authenticator;
  private final Admissions admissions;
  private final Optional<PriceFile> prices;
  private final SettleTokens tokens;
  private final Settlements settlements;
  private final InFlight inFlight;
  private final Shares<String> strangers;
  private final Shares<Object> checks;
  private final Shares<String> largeOfStrangers;
  private final Shares<Object> largeBodies;
  private final CheckMetrics metrics;
  private final AccessLog accessLog;
  private final Tracer tracer;

  CheckService(
      ExtAuthzSettings settings,
      Authenticator authenticator,
      Admissions admissions,
      Optional<PriceFile> prices,
      SettleTokens tokens,
      Settlements settlements,
      InFlight inFlight,
      AccessLog accessLog,
      Tracer tracer,
      MeterRegistry registry) {
    this.settings = settings;
    this.authenticator = authenticator;
    this.admissions = admissions;
    this.prices = prices;
    this.tokens = tokens;
    this.settlements = settlements;
    this.inFlight = inFlight;
    this.accessLog = accessLog;
    this.tracer = tracer;
    this.strangers =
        new Shares<>(
            "ext-authz-sign-ins",
            "requests that have not signed in",
            new ShareBounds(
                RequestSlots.strangers(settings.callsMax()),
                RequestSlots.strangers(settings.callsMax())),
            registry);
    this.checks =
        new Shares<>(
            "ext-authz-checks", "requests", RequestSlots.signedIn(settings.callsMax()), registry);
    this.largeOfStrangers =
        new Shares<>(
            "ext-authz-large-sign-ins",
            "large requests that have not signed in",
            LARGE_OF_STRANGERS,
            registry);
    this.largeBodies =
        new Shares<>("ext-authz-large-bodies", "large bodies", LARGE_BODIES, registry);
    this.metrics = new CheckMetrics(registry);
  }

  @Override
  public void check(CheckRequest request, StreamObserver<CheckResponse> answer) {
    inFlight.enter();
    try {
      ServerCallStreamObserver<CheckResponse> asking =
          (ServerCallStreamObserver<CheckResponse>) answer;
      CheckedRequest checked = new CheckedRequest(request);
      Span span = tracer.serve(METHOD, TraceContext.of(checked.traceparent()));
      try {
        span.run(() -> answer(checked, span, asking));
      } finally {
        span.end();
      }
    } finally {
      inFlight.leave();
    }
  }

  private void answer(
      CheckedRequest checked, Span span, ServerCallStreamObserver<CheckResponse> answer) {
    long startedAtNanos = System.nanoTime();
    String requestId = RequestIds.of(checked.requestId());
    Judgement judgement = new Judgement(checked);
    CheckResponse response;
    String code = "";
    int status = 200;
    try {
      Reservation reservation = judgement.reserve();
      response =
          CheckAnswers.admitted(
              checked.headersToRemove(OwnCredential.current()), reservation, tokens);
      if (answer.isCancelled()) {
        // Envoy has given up waiting, and so has refused: nothing is sent upstream.
        settlements.settle(reservation, MicroUsd.ZERO, RunOutcome.CANCELLED, "given_up");
        code = "GIVEN_UP";
      }
    } catch (RuntimeException | StackOverflowError e) {
      Problem problem = FailureProblems.of(e, requestId);
      code = problem.code().name();
      status = problem.status().code();
      response = CheckAnswers.refused(problem, requestId);
    }
    long nanos = System.nanoTime() - startedAtNanos;
    metrics.answered(code, nanos);
    AccessLog.Line line =
        line(checked, judgement.principal, requestId, status, code, span.context(), nanos);
    accessLog.write(line);
    tell(span, line);
    answer.onNext(response);
    answer.onCompleted();
  }

  private static void tell(Span span, AccessLog.Line line) {
    span.with(Attribute.RPC_SYSTEM, "grpc")
        .with(Attribute.RPC_METHOD, METHOD)
        .with(Attribute.HTTP_STATUS, line.status())
        .with(Attribute.REQUEST_ID, line.requestId());
    line.workspaceId().ifPresent(id -> span.with(Attribute.WORKSPACE_ID, id.toString()));
    if (!line.code().isEmpty()) {
      span.with(Attribute.CODE, line.code());
    }
    if (line.status() >= OUR_FAULT) {
      span.failed(line.code());
    }
  }

  private static AccessLog.Line line(
      CheckedRequest checked,
      @Nullable Principal principal,
      String requestId,
      int status,
      String code,
      Optional<TraceContext> trace,
      long nanos) {
    Optional<Principal> known = Optional.ofNullable(principal);
    return new AccessLog.Line(
        checked.method(),
        ROUTE,
        status,
        code,
        nanos / 1e6,
        requestId,
        trace,
        known.map(Principal::actor),
        known.flatMap(Principal::workspaceId),
        checked.source());
  }

  /** The way of one question. */
  private final class Judgement {
    private final CheckedRequest request;
    private @Nullable Principal principal;

    private Judgement(CheckedRequest request) {
      this.request = request;
    }

    private Reservation reserve() {
      boolean isLarge = request.shownBytes() > LARGE_BYTES;
      Principal asking;
      try (Shares.Place _ = strangers.take(STRANGERS);
          Shares.Place _ = isLarge ? largeOfStrangers.take(STRANGERS) : NOWHERE) {
        asking =
            SignIn.accepted(authenticator.authenticate(request.attempt(OwnCredential.current())));
      }
      principal = asking;
      SignIn.authorizeInWorkspace(asking, Set.of(Scope.RUNS_WRITE));
      UUID workspaceId = asking.workspaceId().orElseThrow();
      try (Shares.Place _ = checks.take(workspaceId);
          Shares.Place _ = isLarge ? largeBodies.take(workspaceId) : NOWHERE) {
        CostEstimate cost = CostEstimate.of(request, prices.map(PriceFile::prices), settings);
        Optional<UUID> run =
            settings.clientSays(ClientHeader.RUN)
                ? request.header(CheckedRequest.RUN).map(Judgement::runId)
                : Optional.empty();
        return run.isPresent()
            ? step(workspaceId, asking, run.get(), cost)
            : call(workspaceId, asking, cost);
      }
    }

    private Reservation step(UUID workspaceId, Principal asking, UUID runId, CostEstimate cost) {
      return Reservation.of(
          workspaceId,
          runId,
          RefusalProblems.orThrow(
                  admissions.step(
                      new StepDraft(
                          new RunRef(workspaceId, runId, asking.userId()),
                          cost.maxCost(),
                          name(cost),
                          Map.of(),
                          Optional.empty())),
                  "run")
              .value(),
          cost);
    }

    private Reservation call(UUID workspaceId, Principal asking, CostEstimate cost) {
      return Reservation.of(
          workspaceId,
          RefusalProblems.orThrow(
                  admissions.call(
                      new CallDraft(
                          workspaceId,
                          user(asking, cost),
                          settings.callLeaseSeconds(),
                          cost.maxCost(),
                          name(cost),
                          Map.of(),
                          Optional.empty())),
                  "workspace")
              .value(),
          cost);
    }

    /** A credential of one user is that user's; else the header, the body, the key's name. */
    private String user(Principal asking, CostEstimate cost) {
      if (asking.userId().isPresent()) {
        return asking.userId().get();
      }
      Optional<String> header =
          settings.clientSays(ClientHeader.USER)
              ? request.header(settings.userHeader())
              : Optional.empty();
      Optional<String> body =
          settings.clientSays(ClientHeader.USER) ? cost.user() : Optional.empty();
      String user = header.or(() -> body).orElseGet(asking::name);
      if (!Fields.isLine(user, 1, Bounds.USER_ID_LENGTH_MAX)) {
        throw new ProblemException(
            ProblemCode.BAD_REQUEST,
            "The user, of the header %s or of the body, must have 1 to %d characters, and no control characters."
                .formatted(settings.userHeader(), Bounds.USER_ID_LENGTH_MAX));
      }
      return user;
    }

    private static Optional<String> name(CostEstimate cost) {
      return cost.model().filter(model -> Fields.isLine(model, 1, Bounds.STEP_NAME_LENGTH_MAX));
    }

    private static UUID runId(String text) {
      try {
        return UUID.fromString(text);
      } catch (IllegalArgumentException e) {
        throw new ProblemException(
            ProblemCode.BAD_REQUEST,
            "The header %s must be the id of a run, as POST /v1/runs gave it. Leave it out for a call of its own."
                .formatted(CheckedRequest.RUN));
      }
    }
  }
}
