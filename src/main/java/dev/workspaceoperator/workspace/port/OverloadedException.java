package dev.workspaceoperator.workspace.port;

/** More was asked for than can be decided in time; nothing was done. Trying again is right. */
public final class OverloadedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public OverloadedException(String message) {
    super(message);
  }
}
