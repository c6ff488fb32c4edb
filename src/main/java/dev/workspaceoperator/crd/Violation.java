package dev.workspaceoperator.crd;

/**
 * One thing that is wrong with a manifest.
 *
 * @param field where, such as {@code spec.apiKeys[1].sha256}
 * @param message what is wrong and how to mend it, as a clause that goes on after the field's name
 */
public record Violation(String field, String message) {
  /** {@code field: message}. */
  @Override
  public String toString() {
    return field + ": " + message;
  }
}
