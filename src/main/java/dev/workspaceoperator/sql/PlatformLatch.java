package dev.workspaceoperator.sql;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * The advisory lock that stands for the platform's kill switch: every admitting transaction shares
 * it from its beginning, and whoever switches takes it alone before its COMMIT. So no admission
 * commits after the switch was answered (I5), at a cost that does not grow with the number of
 * workspaces. It comes before every row lock.
 */
public final class PlatformLatch {
  /** The key of the lock. */
  public static final long LOCK = 0x776f_6c61_7463_6800L;

  /** The parameter of {@link #SHARE}. */
  public static final String PARAMETER = "platform_latch_lock";

  /** Shares it until the end of the transaction. */
  public static final Sql SHARE = Sql.load("platform/shareLatch");

  private static final Sql TAKE = Sql.load("platform/takeLatch");

  private PlatformLatch() {}

  /** Waits for every admission under way, and keeps others out until the transaction ends. */
  public static void take(Connection connection) throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, TAKE)) {
      statement.bigint(PARAMETER, LOCK).run();
    }
  }
}
