package dev.workspaceoperator.gate;

import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.UuidV7;
import java.sql.SQLException;
import java.util.UUID;

/** From the first to the last of some run ids: lets PostgreSQL pass over all other days' tables. */
final class RunIdRange {
  private UUID first = new UUID(-1, -1);
  private UUID last = UuidV7.NIL;

  /** Widens the range. */
  void include(UUID runId) {
    if (isBefore(runId, first)) {
      first = runId;
    }
    if (isBefore(last, runId)) {
      last = runId;
    }
  }

  /** Binds its ends to the parameters of these names. */
  void bind(NamedStatement statement, String firstName, String lastName) throws SQLException {
    statement.uuid(firstName, first).uuid(lastName, last);
  }

  /** As PostgreSQL orders them; {@link UUID#compareTo} is signed. */
  private static boolean isBefore(UUID one, UUID other) {
    int high = Long.compareUnsigned(one.getMostSignificantBits(), other.getMostSignificantBits());
    return high < 0
        || (high == 0
            && Long.compareUnsigned(one.getLeastSignificantBits(), other.getLeastSignificantBits())
                < 0);
  }
}
