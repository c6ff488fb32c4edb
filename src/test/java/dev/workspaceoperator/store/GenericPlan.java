package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * The plan that PostgreSQL makes of a statement before it knows the parameters, as it does on the
 * program's connections. An {@code EXPLAIN} with parameters would show another: one made for them.
 */
final class GenericPlan {
  private GenericPlan() {}

  /**
   * Explains it, and rolls back.
   *
   * @param explain such as {@code EXPLAIN (ANALYZE)}
   * @param values of parameters as literals; NULL for the rest
   * @param settings of the transaction that are not the connection's
   */
  static String of(
      Database database,
      String explain,
      String name,
      Map<String, String> values,
      String... settings)
      throws SQLException {
    Sql sql = Sql.load(name);
    StringJoiner literals = new StringJoiner(", ", "(", ")");
    sql.parameters().forEach(parameter -> literals.add(values.getOrDefault(parameter, "NULL")));
    String text = sql.text();
    for (int number = 1; number <= sql.parameters().size(); number++) {
      text = text.replaceFirst("\\?", "\\$" + number);
    }
    try (Connection connection = database.pool().getConnection()) {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET LOCAL plan_cache_mode = force_generic_plan");
        for (String setting : settings) {
          statement.execute("SET LOCAL " + setting);
        }
        statement.execute("PREPARE planned AS " + text);
        ResultSet row =
            statement.executeQuery(
                explain + " EXECUTE planned" + (sql.parameters().isEmpty() ? "" : literals));
        List<String> lines = new ArrayList<>();
        while (row.next()) {
          lines.add(row.getString(1));
        }
        statement.execute("DEALLOCATE planned");
        return String.join("\n", lines);
      } finally {
        connection.rollback();
      }
    }
  }
}
