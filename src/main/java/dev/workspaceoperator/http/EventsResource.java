package dev.workspaceoperator.http;

import dev.workspaceoperator.http.events.ChangeHub;
import dev.workspaceoperator.http.events.StreamInterest;
import dev.workspaceoperator.http.server.Answer;
import dev.workspaceoperator.http.server.Exchange;
import dev.workspaceoperator.http.server.MediaTypes;
import dev.workspaceoperator.http.server.ProblemCode;
import dev.workspaceoperator.http.server.ProblemException;
import dev.workspaceoperator.http.server.Route;
import dev.workspaceoperator.http.server.Route.RequestBody;
import dev.workspaceoperator.http.server.SignIn;
import dev.workspaceoperator.http.server.Verb;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.port.RuntimeSettings;
import dev.workspaceoperator.workspace.port.Snapshot;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import java.util.List;
import java.util.Set;

/**
 * {@code /v1/workspace/events}: follows changes. A client that comes back gets the newest state,
 * whatever its {@code Last-Event-ID}: states are told, not what led to them.
 */
final class EventsResource {
  private static final String PATH = "/v1/workspace/events";
  private static final String INCLUDE = "include";
  private static final String USAGE = "usage";

  /** No proxy may gather events. */
  private static final List<Header> HEADERS =
      List.of(
          HeaderValues.createCached(HeaderNames.CONTENT_TYPE, MediaTypes.EVENTS),
          HeaderValues.createCached("X-Accel-Buffering", "no"));

  private final RuntimeSettings settings;
  private final ChangeHub hub;

  EventsResource(RuntimeSettings settings, ChangeHub hub) {
    this.settings = settings;
    this.hub = hub;
  }

  List<Route> routes() {
    return List.of(
        new Route(
            Verb.GET,
            PATH,
            Route.Reach.WORKSPACE,
            Set.of(Scope.WORKSPACE_READ),
            RequestBody.NONE,
            List.of(MediaTypes.EVENTS),
            Route.Cost.AT_ONCE,
            false,
            this::follow));
  }

  private Answer follow(Exchange exchange) {
    StreamInterest interest = interest(exchange);
    if (exchange.method().equals("HEAD")) {
      Snapshot _ = WorkspaceResource.snapshot(settings, exchange);
      return new Answer.Whole(Status.OK_200, HEADERS, new byte[0]);
    }
    return new Answer.Stream(
        HEADERS,
        hub.follow(
            exchange.workspaceId(),
            () -> WorkspaceResource.snapshot(settings, exchange),
            interest,
            SignIn.attempt(exchange)));
  }

  private static StreamInterest interest(Exchange exchange) {
    List<String> include = exchange.request().query().all(INCLUDE, List::of);
    if (!include.stream().allMatch(USAGE::equals)) {
      throw new ProblemException(
          ProblemCode.BAD_REQUEST, "The query's include can only be \"%s\".".formatted(USAGE));
    }
    return include.isEmpty() ? StreamInterest.SETTINGS : StreamInterest.SETTINGS_AND_USAGE;
  }
}
