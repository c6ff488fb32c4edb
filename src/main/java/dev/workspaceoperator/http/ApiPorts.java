package dev.workspaceoperator.http;

import dev.workspaceoperator.http.events.ChangeHub;
import dev.workspaceoperator.http.server.Route;
import dev.workspaceoperator.http.view.WorkspaceView;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.port.Admissions;
import dev.workspaceoperator.workspace.port.ApiKeys;
import dev.workspaceoperator.workspace.port.AuditLog;
import dev.workspaceoperator.workspace.port.Fleet;
import dev.workspaceoperator.workspace.port.OverrideStore;
import dev.workspaceoperator.workspace.port.RunBooks;
import dev.workspaceoperator.workspace.port.RuntimeSettings;
import dev.workspaceoperator.workspace.port.UsageBooks;
import dev.workspaceoperator.workspace.port.WorkspaceDirectory;
import java.time.Clock;
import java.util.List;
import java.util.stream.Stream;

/**
 * What the API reads and changes.
 *
 * @param defaults the run caps of workspaces that set none
 * @param settings the settings of a workspace
 * @param overrides time-boxed exceptions
 * @param keys the API keys of a workspace
 * @param audit who changed what
 * @param fleet what reaches beyond one workspace
 * @param directory finds a workspace that is named
 * @param admissions admits runs and steps, and settles them
 * @param books runs and daily totals
 * @param usage what was used over many days
 * @param exports places of exports that are being sent
 * @param events tells open streams of changes
 * @param clock for a first look at times that the store judges
 */
public record ApiPorts(
    PlanDefaults defaults,
    RuntimeSettings settings,
    OverrideStore overrides,
    ApiKeys keys,
    AuditLog audit,
    Fleet fleet,
    WorkspaceDirectory directory,
    Admissions admissions,
    RunBooks books,
    UsageBooks usage,
    UsageExports exports,
    ChangeHub events,
    Clock clock) {

  /** Every route there is. */
  List<Route> routes() {
    WorkspaceView view = new WorkspaceView(defaults);
    List<Route> routes =
        Stream.of(
                new WorkspaceResource(settings, view).routes(),
                new SettingsResource(settings, defaults).routes(),
                new EventsResource(settings, events).routes(),
                new OverridesResource(overrides).routes(),
                new AuditResource(audit).routes(),
                new ApiKeysResource(keys, clock).routes(),
                new FleetResource(fleet, view).routes(),
                new RunsResource(admissions, books).routes(),
                new StepsResource(admissions).routes(),
                new CallsResource(admissions).routes(),
                new UsageResource(books).routes(),
                new UsageHistoryResource(usage).routes(),
                new UsageExportResource(settings, defaults, usage, exports).routes(),
                new DescriptionResource().routes())
            .flatMap(List::stream)
            .toList();
    return Stream.of(routes, new NamedWorkspaces(directory).routes(routes))
        .flatMap(List::stream)
        .toList();
  }
}
