package dev.workspaceoperator.gate;

import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Statements that go to the server together, each with what it is bound to and read by. */
final class RoundTrip {
  private final List<Part> parts = new ArrayList<>();

  /** Adds a statement that gives no rows. */
  RoundTrip add(Sql sql, Binding binding) {
    parts.add(new Part(sql, binding, Optional.empty()));
    return this;
  }

  /** Adds a statement, and what is done with each of its rows. */
  RoundTrip add(Sql sql, Binding binding, Reading reading) {
    parts.add(new Part(sql, binding, Optional.of(reading)));
    return this;
  }

  boolean isEmpty() {
    return parts.isEmpty();
  }

  /** Sends all of them, then reads all answers. */
  void run(Connection connection, Pipelines pipelines) throws SQLException {
    Sql pipeline = pipelines.of(parts.stream().map(Part::sql).toList());
    try (NamedStatement statement = NamedStatement.of(connection, pipeline)) {
      for (Part part : parts) {
        part.binding().bind(statement);
      }
      statement.run();
      for (Part part : parts) {
        if (part.reading().isPresent()) {
          readAll(statement.nextRows(), part.reading().get());
        }
      }
    }
  }

  private static void readAll(ResultSet rows, Reading reading) throws SQLException {
    while (rows.next()) {
      reading.read(rows);
    }
  }

  /** Binds a statement's parameters. */
  @FunctionalInterface
  interface Binding {
    /** For a statement without parameters of its own. */
    Binding NONE = _ -> {};

    /** Binds them. */
    void bind(NamedStatement statement) throws SQLException;
  }

  /** Reads one row. */
  @FunctionalInterface
  interface Reading {
    /** For a statement whose answer does not matter. */
    Reading NONE = _ -> {};

    /** Reads it. */
    void read(ResultSet row) throws SQLException;
  }

  private record Part(Sql sql, Binding binding, Optional<Reading> reading) {}
}
