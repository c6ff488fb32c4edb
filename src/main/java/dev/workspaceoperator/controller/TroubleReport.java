package dev.workspaceoperator.controller;

import dev.workspaceoperator.crd.Workspace;
import java.time.Clock;

/** Says in status that a manifest cannot be judged now, and keeps all else that is said there. */
final class TroubleReport {
  private final StatusRenderer renderer;
  private final ResourceWriter writer;
  private final Clock clock;

  TroubleReport(StatusRenderer renderer, ResourceWriter writer, Clock clock) {
    this.renderer = renderer;
    this.writer = writer;
    this.clock = clock;
  }

  void storeUnavailable(Workspace resource) {
    write(
        resource,
        Reason.STORE_UNAVAILABLE,
        "The store does not answer, so changes of this manifest are not in force yet; it is tried"
            + " again until it does.");
  }

  void unexpectedFailure(Workspace resource) {
    write(
        resource,
        Reason.INTERNAL_ERROR,
        "An unexpected failure keeps this manifest from being checked, so its changes may not be in"
            + " force; it is tried again, and the controller's log says why.");
  }

  /** Again and again, so that it is no race. */
  void overtaken(Workspace resource, Reason reason) {
    write(
        resource,
        reason,
        reason == Reason.SUPERSEDED
            ? "The store holds a newer generation of this resource than the API server shows, as"
                + " after the API server's data was restored from a backup; the newer one stays"
                + " in force, and it is tried again. Restart the controller to go by what the API"
                + " server shows."
            : "Somebody else changes this workspace again and again while its manifest is brought"
                + " into force; it is tried again until it works.");
  }

  private void write(Workspace resource, Reason reason, String message) {
    writer.write(
        resource,
        renderer.undecided(
            writer.current(resource),
            resource.getMetadata().getGeneration(),
            reason,
            message,
            clock.instant()));
  }
}
