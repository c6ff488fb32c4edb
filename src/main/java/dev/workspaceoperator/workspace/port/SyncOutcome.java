package dev.workspaceoperator.workspace.port;

/** What became of a write of the declared layer. */
public sealed interface SyncOutcome {
  /**
   * It is committed.
   *
   * @param gathered what the store knows now, read in the same transaction
   */
  record Applied(Gathered gathered) implements SyncOutcome {}

  /** The declared layer, the slug or a key moved since it was gathered: gather and decide again. */
  record Conflict() implements SyncOutcome {}

  /** A newer generation of the same resource is stored already: nothing to do. */
  record OldGeneration() implements SyncOutcome {}

  /**
   * Another controller has taken over: this process must end before it writes anything else.
   *
   * @param currentEpoch the epoch in the store
   */
  record Fenced(long currentEpoch) implements SyncOutcome {}
}
