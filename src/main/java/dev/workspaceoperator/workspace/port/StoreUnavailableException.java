package dev.workspaceoperator.workspace.port;

/**
 * The store cannot be reached or answered with a passing error; whether a write happened is
 * unknown. Trying again is right.
 */
public final class StoreUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StoreUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
