package dev.workspaceoperator.store;

/** A newer version of this program has migrated the database: this one must not write to it. */
public final class SchemaTooNewException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SchemaTooNewException(String found, String known) {
    super(
        ("The database's schema has version %s, and this program knows versions up to %s."
                + " Run the newer program, or restore a backup from before its migration.")
            .formatted(found, known));
  }
}
