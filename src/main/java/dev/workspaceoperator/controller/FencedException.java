package dev.workspaceoperator.controller;

/** This process may not write any more: another controller has taken over. */
final class FencedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  FencedException(String message) {
    super(message);
  }

  FencedException(long currentEpoch) {
    super("another controller has raised the epoch to " + currentEpoch);
  }
}
