package dev.workspaceoperator.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;
import org.postgresql.core.BaseConnection;

/** One use of a {@link Sql}: binds its parameters by name, runs it, and reads what came back. */
public final class NamedStatement implements AutoCloseable {
  private final Connection connection;
  private final Sql sql;
  private final PreparedStatement statement;
  private final int resultsBefore;

  /** The text of one that nobody runs again. */
  private final Optional<String> once;

  private final Set<String> bound = new HashSet<>();
  private int results;

  private NamedStatement(
      Connection connection,
      Sql sql,
      PreparedStatement statement,
      int resultsBefore,
      Optional<String> once) {
    this.connection = connection;
    this.sql = sql;
    this.statement = statement;
    this.resultsBefore = resultsBefore;
    this.once = once;
  }

  /**
   * Prepares it on a connection. On one whose sessions are shared it goes together with what its
   * transaction relies on, if it is the first in it.
   */
  public static NamedStatement of(Connection connection, Sql sql) throws SQLException {
    if (!connection.isWrapperFor(SharedSession.class)) {
      return prepared(connection, sql, sql.text(), 0);
    }
    SharedSession.Begin begin = connection.unwrap(SharedSession.class).begin(sql);
    return prepared(connection, sql, begin.text(), begin.resultsBefore());
  }

  private static NamedStatement prepared(
      Connection connection, Sql sql, String text, int resultsBefore) throws SQLException {
    if (!TraceComments.isCurrent()) {
      return new NamedStatement(
          connection, sql, connection.prepareStatement(text), resultsBefore, Optional.empty());
    }
    String commented = TraceComments.commented(text);
    PreparedStatement once = connection.prepareStatement(commented);
    once.unwrap(PGStatement.class).setPrepareThreshold(0);
    return new NamedStatement(connection, sql, once, resultsBefore, Optional.of(commented));
  }

  /** Binds a {@code text}. */
  public NamedStatement text(String name, @Nullable String value) throws SQLException {
    return bind(name, value == null ? null : StorableText.require(value), Types.VARCHAR);
  }

  /** Binds a {@code bigint}. */
  public NamedStatement bigint(String name, @Nullable Long value) throws SQLException {
    return bind(name, value, Types.BIGINT);
  }

  /** Binds an {@code integer}. */
  public NamedStatement integer(String name, @Nullable Integer value) throws SQLException {
    return bind(name, value, Types.INTEGER);
  }

  public NamedStatement flag(String name, @Nullable Boolean value) throws SQLException {
    return bind(name, value, Types.BOOLEAN);
  }

  /** Binds a {@code uuid}. */
  public NamedStatement uuid(String name, @Nullable UUID value) throws SQLException {
    return bind(name, value, Types.OTHER);
  }

  public NamedStatement bytes(String name, byte[] value) throws SQLException {
    return bind(name, value, Types.BINARY);
  }

  public NamedStatement time(String name, @Nullable Instant value) throws SQLException {
    return bind(
        name, value == null ? null : value.atOffset(ZoneOffset.UTC), Types.TIMESTAMP_WITH_TIMEZONE);
  }

  public NamedStatement texts(String name, List<String> values) throws SQLException {
    return array(name, "text", values.stream().map(StorableText::require).toArray());
  }

  public NamedStatement optionalTexts(String name, List<Optional<String>> values)
      throws SQLException {
    return array(
        name,
        "text",
        values.stream().map(value -> value.map(StorableText::require).orElse(null)).toArray());
  }

  public NamedStatement bigints(String name, List<Long> values) throws SQLException {
    return array(name, "int8", values.toArray());
  }

  public NamedStatement uuids(String name, List<UUID> values) throws SQLException {
    return array(name, "uuid", values.toArray());
  }

  public NamedStatement byteStrings(String name, List<byte[]> values) throws SQLException {
    return array(name, "bytea", values.toArray(byte[][]::new));
  }

  /** Binds a {@code date}. */
  public NamedStatement date(String name, LocalDate value) throws SQLException {
    return bind(name, value, Types.DATE);
  }

  /** Binds an array of as many elements as the column has rows. */
  public NamedStatement column(String name, Column column) throws SQLException {
    return bind(name, column.toArray(connection), Types.ARRAY);
  }

  private NamedStatement array(String name, String type, @Nullable Object[] values)
      throws SQLException {
    return bind(name, connection.createArrayOf(type, values), Types.ARRAY);
  }

  private NamedStatement bind(String name, @Nullable Object value, int type) throws SQLException {
    for (int i = 0; i < sql.parameters().size(); i++) {
      if (sql.parameters().get(i).equals(name)) {
        bound.add(name);
        if (value == null) {
          statement.setNull(i + 1, type);
        } else if (value instanceof byte[] bytes) {
          statement.setBytes(i + 1, bytes);
        } else {
          statement.setObject(i + 1, value, type);
        }
      }
    }
    if (!bound.contains(name)) {
      throw new IllegalArgumentException("no parameter :" + name + " in " + sql);
    }
    return this;
  }

  /** Reads large results in portions; within a transaction only. */
  public NamedStatement fetchSize(int rows) throws SQLException {
    statement.setFetchSize(rows);
    return this;
  }

  /** Runs it; the results are read in the order of the statements with {@link #nextRows}. */
  public NamedStatement run() throws SQLException {
    if (!bound.containsAll(sql.parameters())) {
      throw new IllegalStateException("not every parameter is bound in " + sql);
    }
    try {
      statement.execute();
      if (sql.commits()) {
        Commits.requireReplicated(statement.getWarnings());
      }
    } catch (SQLException e) {
      endOwnTransaction(e);
      throw e;
    }
    for (int i = 0; i < resultsBefore; i++) {
      statement.getMoreResults();
    }
    return this;
  }

  /** Ends the transaction that a statement of its own was given, where it has failed. */
  private void endOwnTransaction(SQLException cause) {
    if (resultsBefore == 0) {
      return;
    }
    try {
      if (connection.getAutoCommit() && !connection.isClosed()) {
        try (Statement end = connection.createStatement()) {
          end.execute("ROLLBACK");
        }
      }
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  /** The next result that has rows; results of statements without rows are passed over. */
  public ResultSet nextRows() throws SQLException {
    boolean rows = results++ == 0 ? hasRowsNow() : statement.getMoreResults();
    while (!rows) {
      if (statement.getUpdateCount() < 0) {
        throw new IllegalStateException("no further rows from " + sql);
      }
      rows = statement.getMoreResults();
    }
    return statement.getResultSet();
  }

  private boolean hasRowsNow() throws SQLException {
    return statement.getResultSet() != null;
  }

  @Override
  public void close() throws SQLException {
    statement.close();
    if (once.isPresent()) {
      // What is borrowed and not given back leaves the driver's cache to statements that come
      // again.
      var _ = connection.unwrap(BaseConnection.class).getQueryExecutor().borrowQuery(once.get());
    }
  }
}
