package dev.workspaceoperator.http;

import dev.workspaceoperator.http.server.Answer;
import dev.workspaceoperator.http.server.Exchange;
import dev.workspaceoperator.http.server.ProblemCode;
import dev.workspaceoperator.http.server.ProblemException;
import dev.workspaceoperator.http.server.Route;
import dev.workspaceoperator.workspace.port.WorkspaceDirectory;
import dev.workspaceoperator.workspace.port.WorkspaceDirectory.Line;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * {@code /v1/workspaces/{workspace}/…}: what a credential of the installation does to one
 * workspace, by its id or its slug. Each path is one that the workspace has itself, with the same
 * bodies, rules and answers.
 */
final class NamedWorkspaces {
  private static final String PATH = FleetResource.PATH + "/{workspace}";
  private static final int ID_LENGTH = 36;

  private final WorkspaceDirectory directory;

  NamedWorkspaces(WorkspaceDirectory directory) {
    this.directory = directory;
  }

  /** The routes of the installation that belong to those of these that it may use too. */
  List<Route> routes(List<Route> ofWorkspaces) {
    return ofWorkspaces.stream().filter(Route::fleetToo).map(this::named).toList();
  }

  private Route named(Route route) {
    String suffix = route.template().replaceFirst("^/v1(/workspace(?=/|$))?", "");
    return route.onWorkspace(PATH, suffix, exchange -> answer(exchange, route));
  }

  private Answer answer(Exchange exchange, Route route) {
    exchange.actOn(
        find(exchange.firstParameter())
            .orElseThrow(() ->
                new ProblemException(
                    ProblemCode.NOT_FOUND,
                    "There is no workspace of this id, and none that holds this slug. %s lists all."
                        .formatted(FleetResource.PATH))));
    return route.endpoint().answer(exchange);
  }

  /** An id goes before a slug that looks like one: nobody takes another's name by his slug. */
  private Optional<UUID> find(String name) {
    return id(name)
        .flatMap(id -> directory.withId(id, Line.KNOWN))
        .or(() -> directory.withSlug(name, Line.KNOWN));
  }

  private static Optional<UUID> id(String name) {
    if (name.length() != ID_LENGTH) {
      return Optional.empty();
    }
    try {
      return Optional.of(UUID.fromString(name));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
