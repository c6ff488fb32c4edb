package dev.workspaceoperator.sql;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Wrapper;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/**
 * A connection whose sessions a pooler gives to others between two transactions: nothing that is
 * set stays, and whatever stays disturbs others. So each transaction begins with what it relies on,
 * in the round trip of its first statement ({@link NamedStatement} sees to that).
 */
interface SharedSession extends Wrapper {
  /**
   * Whatever the session's default is: what is decided under a lock sees what was committed (I5).
   */
  String READ_COMMITTED = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE";

  /** By itself, so that what sets all the others is not compiled. */
  String NO_JIT = "SET LOCAL jit = off";

  /** What a statement is sent as, if it begins a transaction; otherwise itself. */
  Begin begin(Sql first) throws SQLException;

  /** The same connection, with what its transactions begin with. */
  static Connection over(Connection connection, SessionSettings settings) {
    return (Connection)
        Proxy.newProxyInstance(
            SharedSession.class.getClassLoader(),
            new Class<?>[] {Connection.class, SharedSession.class},
            new Handler(connection, settings));
  }

  /**
   * The text of a statement with what goes before it.
   *
   * @param text several statements, the given one among them
   * @param resultsBefore how many results come before its own
   */
  record Begin(String text, int resultsBefore) {}

  /** Passes everything on, and knows what begins a transaction. */
  final class Handler implements InvocationHandler {
    private final Connection connection;
    private final String settings;

    private Handler(Connection connection, SessionSettings settings) {
      this.connection = connection;
      this.settings = "SELECT " + settings.forTransaction();
    }

    @Override
    public @Nullable Object invoke(
        Object proxy, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
      if (method.getDeclaringClass() == SharedSession.class && arguments != null) {
        return begin((Sql) arguments[0]);
      }
      if (arguments != null && arguments[0] == SharedSession.class) {
        if (method.getName().equals("unwrap")) {
          return proxy;
        }
        if (method.getName().equals("isWrapperFor")) {
          return true;
        }
      }
      try {
        return method.invoke(connection, arguments);
      } catch (InvocationTargetException e) {
        throw e.getCause() == null ? e : e.getCause();
      }
    }

    private Begin begin(Sql first) throws SQLException {
      TransactionState state = connection.unwrap(BaseConnection.class).getTransactionState();
      if (state != TransactionState.IDLE) {
        return new Begin(first.text(), 0);
      }
      if (connection.getAutoCommit()) {
        return new Begin(
            String.join(
                Sql.BETWEEN, "BEGIN", READ_COMMITTED, NO_JIT, settings, first.text(), "COMMIT"),
            4);
      }
      return first.equals(Sql.ONE_SNAPSHOT)
          ? new Begin(String.join(Sql.BETWEEN, first.text(), NO_JIT, settings), 0)
          : new Begin(String.join(Sql.BETWEEN, READ_COMMITTED, NO_JIT, settings, first.text()), 3);
    }
  }
}
