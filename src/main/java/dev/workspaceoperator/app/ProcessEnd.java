package dev.workspaceoperator.app;

/** Ends the process at once: no write may follow. */
@FunctionalInterface
interface ProcessEnd {
  /** What a server does: no shutdown hook runs, because one could still write. */
  ProcessEnd HALT = code -> Runtime.getRuntime().halt(code);

  /** Ends it with this exit code. */
  void end(int exitCode);
}
