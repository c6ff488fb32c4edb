package dev.workspaceoperator.workspace.port;

/** Another cluster uses the same {@code cluster.name} on this store. */
public final class ClusterNameTakenException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ClusterNameTakenException(String message) {
    super(message);
  }
}
