package dev.workspaceoperator.workspace.port;

/** A text has U+0000 or half a surrogate pair, which PostgreSQL does not keep. */
public final class UnstorableTextException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public UnstorableTextException() {
    super("Text must be Unicode without U+0000 and without lone surrogates.");
  }
}
