package dev.workspaceoperator.http.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.workspaceoperator.auth.Authenticator;
import dev.workspaceoperator.http.connections.TrustedProxies;
import dev.workspaceoperator.http.connections.WatchedConnection;
import dev.workspaceoperator.loop.Pause;
import dev.workspaceoperator.trace.Span;
import dev.workspaceoperator.trace.TraceContext;
import dev.workspaceoperator.trace.Tracer;
import dev.workspaceoperator.workspace.port.ShareExceededException;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Takes every request through the same checks in the same order (design.md §6): path, 401, scope,
 * 405, 406, 415, 413, 400; then its resource answers. Whatever goes wrong becomes a problem here.
 */
public final class HttpApi implements Handler {
  private static final HeaderName TRACEPARENT = HeaderNames.create("traceparent");
  private static final HeaderName FORWARDED_FOR = HeaderNames.create("X-Forwarded-For");

  /**
   * How long whoever has all of his share waits for being told so: this part of the time after
   * which he is to try again, half of it more or less, so that those who are refused together do
   * not come again together.
   */
  static final int PAUSE_PARTS = 10;

  /**
   * How long whoever tries one bad credential after the other on one connection waits for being
   * told so, half of it more or less. A client that has made a mistake does not notice.
   */
  static final Duration PAUSE_OF_FAILURES = Duration.ofMillis(50);

  private final Routes routes;
  private final SignIn signIn;
  private final TrustedProxies proxies;
  private final InFlight inFlight;
  private final RequestSlots slots;
  private final StoreTurns storeTurns;
  private final RequestLog requestLog;
  private final Tracer tracer;

  public HttpApi(
      List<Route> routes,
      Authenticator authenticator,
      TrustedProxies proxies,
      InFlight inFlight,
      RequestSlots slots,
      StoreTurns storeTurns,
      RequestLog requestLog,
      Tracer tracer) {
    this.routes = new Routes(routes);
    this.signIn = new SignIn(authenticator);
    this.proxies = proxies;
    this.inFlight = inFlight;
    this.slots = slots;
    this.storeTurns = storeTurns;
    this.requestLog = requestLog;
    this.tracer = tracer;
  }

  @Override
  public void handle(ServerRequest request, ServerResponse response) {
    long startedAtNanos = System.nanoTime();
    Exchange exchange =
        new Exchange(
            request,
            RequestIds.of(request.headers().first(ResponseWriter.REQUEST_ID)),
            source(request));
    inFlight.enter();
    try (RequestSlots.Slot slot = slots.slot()) {
      Routes.@Nullable Match match = routes.find(exchange.path());
      Span span =
          tracer.serve(
              RequestLog.title(exchange.method(), match),
              TraceContext.of(exchange.header(TRACEPARENT)));
      try {
        span.run(() -> handle(exchange, match, slot, response, span, startedAtNanos));
      } finally {
        span.end();
      }
    } finally {
      inFlight.leave();
    }
  }

  private void handle(
      Exchange exchange,
      Routes.@Nullable Match match,
      RequestSlots.Slot slot,
      ServerResponse response,
      Span span,
      long startedAtNanos) {
    Answer answer;
    String code = "";
    try {
      slot.enter();
      answer = answer(exchange, match, slot);
    } catch (CloseConnectionException e) {
      // The client is gone: there is nobody to answer.
      throw e;
    } catch (RuntimeException | StackOverflowError e) {
      if (e instanceof ShareExceededException refused) {
        // In no place: whoever has all of his share must not keep others waiting by asking again.
        slot.close();
        exchange.forgetBody();
        pause(refused.retryAfter().dividedBy(PAUSE_PARTS));
      }
      Problem problem = FailureProblems.of(e, exchange.requestId());
      if (problem.code() == ProblemCode.UNAUTHENTICATED
          && WatchedConnection.current().failsAgain()) {
        slot.close();
        pause(PAUSE_OF_FAILURES);
      }
      code = problem.code().name();
      answer = answer(problem, exchange);
    }
    // However slowly a stranger takes his answer, or sends what nobody wants, he holds no place.
    slot.leaveIfStranger();
    try {
      send(exchange, slot, response, answer);
    } finally {
      RequestLog.LogLine line =
          new RequestLog.LogLine(
              exchange.method(),
              match,
              answer.status().code(),
              code,
              System.nanoTime() - startedAtNanos,
              exchange.requestId(),
              span.context(),
              exchange.principalIfKnown(),
              exchange.workspaceIdIfKnown(),
              exchange.source());
      requestLog.record(line);
      line.tell(span);
    }
  }

  /** For so long, half of it more or less. */
  private static void pause(Duration duration) {
    long nanos = duration.toNanos();
    boolean _ =
        Pause.of(Duration.ofNanos(ThreadLocalRandom.current().nextLong(nanos / 2, nanos * 3 / 2)));
  }

  private String source(ServerRequest request) {
    return request.remotePeer().address() instanceof InetSocketAddress peer
            && peer.getAddress() != null
        ? proxies
            .source(peer.getAddress(), request.headers().all(FORWARDED_FOR, List::of))
            .getHostAddress()
        : request.remotePeer().host();
  }

  private void send(
      Exchange exchange, RequestSlots.Slot slot, ServerResponse response, Answer answer) {
    switch (answer) {
      case Answer.Whole _ -> ResponseWriter.send(exchange, response, answer, inFlight.isDraining());
      // Streams have a bound of their own: idle ones must not keep requests out.
      case Answer.Stream _ -> {
        slot.close();
        inFlight.uncounted(
            () -> ResponseWriter.send(exchange, response, answer, inFlight.isDraining()));
      }
    }
  }

  private Answer answer(Exchange exchange, Routes.@Nullable Match match, RequestSlots.Slot slot) {
    if (exchange.request().prologue().fragment().hasValue()) {
      throw new ProblemException(
          ProblemCode.BAD_REQUEST, "What is asked for must end before a #. Escape it as %23.");
    }
    if (exchange.method().equals("OPTIONS") && exchange.path().equals(RequestTarget.SERVER)) {
      return options(Verb.ALL);
    }
    if (match == null) {
      throw new ProblemException(
          ProblemCode.NOT_FOUND,
          "There is no such path. /openapi.yaml lists those that there are.");
    }
    exchange.pathParameters(match.parameters());
    if (exchange.method().equals("OPTIONS")) {
      return options(match.methods().allow());
    }
    if (!match.methods().isPublic()) {
      exchange.principal(signIn.authenticate(exchange));
      WatchedConnection.current().signedIn(RequestSlots.tenant(exchange.principal()));
    }
    Route route = match.methods().of(Verb.of(exchange.request().prologue().method()));
    if (route == null) {
      throw methodNotAllowed(exchange, match.methods().allow());
    }
    if (route.reach() != Route.Reach.PUBLIC) {
      SignIn.authorize(exchange.principal(), route);
      if (route.cost() != Route.Cost.KILL_SWITCH) {
        slot.signedIn(exchange.principal(), route);
      }
    }
    checkAccept(exchange, route);
    if (route.cost() == Route.Cost.KILL_SWITCH) {
      // Whoever is slow to send one must not hold a place of those that have come whole.
      slot.close();
      JsonNode body = RequestBodies.read(exchange, route, slot);
      slot.signedIn(exchange.principal(), route);
      exchange.body(body);
    } else if (route.body() != Route.RequestBody.NONE) {
      exchange.body(RequestBodies.read(exchange, route, slot));
    }
    return work(exchange, slot, route);
  }

  private Answer work(Exchange exchange, RequestSlots.Slot slot, Route route) {
    return switch (route.cost()) {
      case AT_ONCE, KILL_SWITCH -> route.endpoint().answer(exchange);
      case IN_TURN -> {
        Object whose = RequestSlots.tenant(exchange.principal());
        yield route.verb() == Verb.GET
            ? storeTurns.read(whose, slot, () -> route.endpoint().answer(exchange))
            : storeTurns.answer(whose, slot, () -> route.endpoint().answer(exchange));
      }
    };
  }

  private static Answer options(String allow) {
    return new Answer.Whole(
        Status.NO_CONTENT_204, List.of(HeaderValues.create(HeaderNames.ALLOW, allow)), new byte[0]);
  }

  private static void checkAccept(Exchange exchange, Route route) {
    if (!route.produces().isEmpty() && exchange.request().headers().contains(HeaderNames.ACCEPT)) {
      List<String> accept = exchange.headers(HeaderNames.ACCEPT);
      String joined = accept.size() == 1 ? accept.getFirst() : String.join(",", accept);
      if (MediaTypes.preferred(joined, route.produces()).isEmpty()) {
        throw new ProblemException(
            ProblemCode.NOT_ACCEPTABLE,
            "The answer is %s, which the header Accept rules out."
                .formatted(String.join(" or ", route.produces())));
      }
    }
  }

  private static ProblemException methodNotAllowed(Exchange exchange, String allow) {
    String method = exchange.method();
    return new ProblemException(
        Problem.of(
                ProblemCode.METHOD_NOT_ALLOWED,
                "This path has no %s. Use one of %s."
                    .formatted(method.length() > 20 ? "such method" : method, allow))
            .with(HeaderValues.create(HeaderNames.ALLOW, allow)));
  }

  private static Answer answer(Problem problem, Exchange exchange) {
    Answer.Whole answer =
        new Answer.Whole(
            problem.status(),
            List.of(Answer.PROBLEM),
            ProblemRenderer.render(problem, exchange.path(), exchange.requestId()));
    for (var header : problem.headers()) {
      answer = answer.with(header);
    }
    return answer;
  }
}
