package dev.workspaceoperator.gate;

import dev.workspaceoperator.sql.Column;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.Sql;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Rows that one statement writes, column by column. */
final class Rows {
  private final Sql sql;
  private final Map<String, Column> columns = new LinkedHashMap<>();

  Rows(Sql sql) {
    this.sql = sql;
  }

  Sql sql() {
    return sql;
  }

  Column.Uuids uuids(String parameter) {
    return added(parameter, new Column.Uuids());
  }

  Column.Bigints bigints(String parameter) {
    return added(parameter, new Column.Bigints());
  }

  Column.Texts texts(String parameter) {
    return added(parameter, new Column.Texts());
  }

  Column.Times times(String parameter) {
    return added(parameter, new Column.Times());
  }

  Column.Dates dates(String parameter) {
    return added(parameter, new Column.Dates());
  }

  boolean isEmpty() {
    return columns.values().iterator().next().size() == 0;
  }

  void bind(NamedStatement statement) throws SQLException {
    for (Map.Entry<String, Column> column : columns.entrySet()) {
      statement.column(column.getKey(), column.getValue());
    }
  }

  private <C extends Column> C added(String parameter, C column) {
    columns.put(parameter, column);
    return column;
  }
}
