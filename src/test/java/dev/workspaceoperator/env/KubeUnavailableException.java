package dev.workspaceoperator.env;

/** Kubernetes could not be found, built or started here; the message says how to mend it. */
public final class KubeUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  KubeUnavailableException(String message) {
    super(message);
  }

  KubeUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
