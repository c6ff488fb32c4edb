package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.DatabaseUrl;
import java.util.List;

/** A database that this program cannot, or must not, work with until somebody changes it. */
public final class UnfitDatabaseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * With everything that is wrong.
   *
   * @param mistakes sentences, each with the command that mends it
   */
  UnfitDatabaseException(DatabaseUrl url, List<String> mistakes) {
    super("The database %s cannot be used.%n%s".formatted(url, String.join("\n", mistakes)));
  }
}
