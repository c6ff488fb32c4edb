package dev.workspaceoperator.http;

import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.RuntimeSettings;
import java.util.ArrayList;
import java.util.List;

/**
 * What the API reads and changes.
 *
 * @param defaults the run caps of workspaces that set none
 * @param settings the settings of a workspace
 */
public record ApiPorts(PlanDefaults defaults, RuntimeSettings settings) {

  /** Every route there is. */
  List<Route> routes() {
    WorkspaceView view = new WorkspaceView(defaults);
    List<Route> routes = new ArrayList<>();
    routes.addAll(new WorkspaceResource(settings, view).routes());
    return routes;
  }
}
