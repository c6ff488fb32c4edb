package dev.workspaceoperator.gate;

import dev.workspaceoperator.sql.Sql;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Combinations of statements, each put together once. For one thread. */
final class Pipelines {
  private final Map<List<Sql>, Sql> known = new HashMap<>();

  Sql of(List<Sql> statements) {
    return known.computeIfAbsent(List.copyOf(statements), Sql::pipeline);
  }
}
