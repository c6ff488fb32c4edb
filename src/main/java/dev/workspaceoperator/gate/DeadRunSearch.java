package dev.workspaceoperator.gate;

import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.sql.UuidV7;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Finds workspaces with dead runs: those of the oldest deaths; and where there are many, in turn
 * with them, workspace after workspace, those of any age. So the backlog of one keeps no other
 * waiting. For one thread.
 */
final class DeadRunSearch {
  private static final Sql WORKSPACES_WITH_DEAD_RUNS = Sql.load("gate/workspacesWithDeadRuns");
  private static final Sql NEXT_WORKSPACES_WITH_RUNS = Sql.load("gate/nextWorkspacesWithRuns");
  private static final UUID BEFORE_ALL = UuidV7.NIL;

  /** Most dead runs that are looked up at once by their age. */
  private static final int OLDEST_MAX = 1_000;

  /** Most workspaces that are looked at one after the other. */
  private static final int STEPS_MAX = 500;

  /** As many as a lane takes of the reaper at once, with as many of the oldest. */
  private static final int IN_TURN_MAX = 32;

  private final Database database;
  private UUID after = BEFORE_ALL;

  /** As {@link DeadRunPlaces}, for those of all workspaces together. */
  private Instant from = DeadRunPlaces.BEGINNING;

  DeadRunSearch(Database database) {
    this.database = database;
  }

  /** Some of them, each once; goes on where it ended the last time. */
  List<UUID> next() {
    List<UUID> oldest = new ArrayList<>();
    int found = database.read(connection -> readOldest(connection, oldest));
    if (found < OLDEST_MAX) {
      from = DeadRunPlaces.BEGINNING;
      return oldest;
    }
    return alternating(oldest, database.read(this::readNext));
  }

  /** How many runs there are; at most so many as are looked up. */
  private int readOldest(Connection connection, List<UUID> workspaces) throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, WORKSPACES_WITH_DEAD_RUNS)) {
      ResultSet rows =
          statement.integer("rows", OLDEST_MAX).time("from_time", from).run().nextRows();
      int runs = 0;
      @Nullable Instant first = null;
      while (rows.next()) {
        workspaces.add(WorkspaceBatchRows.uuid(rows, "workspace_id"));
        runs += rows.getInt("runs");
        Instant lease = WorkspaceBatchRows.instant(rows, "first_lease");
        first = first == null || lease.isBefore(first) ? lease : first;
      }
      if (first != null) {
        from = first;
      }
      return runs;
    }
  }

  private List<UUID> readNext(Connection connection) throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, NEXT_WORKSPACES_WITH_RUNS)) {
      ResultSet rows =
          statement
              .uuid("after", after)
              .integer("steps", STEPS_MAX)
              .integer("rows", IN_TURN_MAX)
              .run()
              .nextRows();
      List<UUID> dead = new ArrayList<>();
      int steps = 0;
      while (rows.next()) {
        steps++;
        after = WorkspaceBatchRows.uuid(rows, "workspace_id");
        if (rows.getBoolean("is_dead")) {
          dead.add(after);
        }
      }
      if (steps < STEPS_MAX && dead.size() < IN_TURN_MAX) {
        after = BEFORE_ALL;
      }
      return dead;
    }
  }

  private static List<UUID> alternating(List<UUID> some, List<UUID> others) {
    Set<UUID> both = new LinkedHashSet<>();
    Iterator<UUID> first = some.iterator();
    Iterator<UUID> second = others.iterator();
    while (first.hasNext() || second.hasNext()) {
      if (first.hasNext()) {
        both.add(first.next());
      }
      if (second.hasNext()) {
        both.add(second.next());
      }
    }
    return List.copyOf(both);
  }
}
