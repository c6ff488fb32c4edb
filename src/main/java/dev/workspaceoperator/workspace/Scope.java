package dev.workspaceoperator.workspace;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What a credential may do (design.md §6). */
public enum Scope {
  /** Read the workspace, its settings, usage, audit and events. */
  WORKSPACE_READ("workspace:read"),
  /** Change the workspace's settings, cancel runs. */
  WORKSPACE_WRITE("workspace:write"),
  /** Make and end time-boxed overrides. */
  WORKSPACE_OVERRIDE("workspace:override"),
  /** Engage and release the runtime latch of the kill switch. */
  KILL_SWITCH_WRITE("kill-switch:write"),
  /** Start, step, settle and finish runs. */
  RUNS_WRITE("runs:write"),
  /** Make and revoke API keys. */
  KEYS_WRITE("keys:write"),
  /** List every workspace of the installation. */
  FLEET_READ("fleet:read"),
  /** Engage and release the platform latch. */
  FLEET_WRITE("fleet:write");

  private final String label;

  Scope(String label) {
    this.label = label;
  }

  /** The name in manifests, tokens and answers. */
  public String label() {
    return label;
  }

  /** Whether it reaches beyond one workspace; such a scope is never given by a manifest. */
  public boolean isFleet() {
    return this == FLEET_READ || this == FLEET_WRITE;
  }

  /** The labels of those that are meant, as a message lists them. */
  public static String labels(Predicate<Scope> meant) {
    return Arrays.stream(values())
        .filter(meant)
        .map(Scope::label)
        .collect(Collectors.joining(", "));
  }

  /** The scope of exactly this label, if there is one. */
  public static Optional<Scope> ofLabel(String label) {
    return Arrays.stream(values()).filter(scope -> scope.label.equals(label)).findFirst();
  }
}
