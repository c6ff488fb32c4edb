package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.CanonicalJson;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.sql.UuidV7;
import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.EffectiveSettings;
import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.Usage;
import dev.workspaceoperator.workspace.port.Snapshot;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Writes an event when a workspace has spent 80 % or all of its budget of the day or of the month,
 * once for each. It looks from time to time at who has decided something lately, beside admission,
 * which knows nothing of it.
 */
public final class BudgetWatch {
  private static final Sql SPENDING = Sql.load("notification/spending");
  private static final Sql TOLD = Sql.load("notification/told");
  private static final Sql TELL_ONCE =
      Sql.pipeline(
          Sql.load("runtime/lockWorkspace"), Sql.load("notification/tellOnce"), Sql.COMMIT);
  private static final List<Integer> PERCENTS = List.of(80, 100);
  private static final int WORKSPACES_AT_ONCE = 500;

  /** Of a budget that was lowered, too, whose workspace decides nothing any more. */
  private static final int WHOLE_DAY_EVERY = 12;

  /** What was decided then may have been committed after the look. */
  private static final Duration OVERLAP = Duration.ofSeconds(30);

  private final Database database;
  private final PlanDefaults defaults;

  /** By {@link System#nanoTime}; of the store's clock only how fast it goes is relied on. */
  private @Nullable Long lookedAt;

  private int looks;

  public BudgetWatch(Database database, PlanDefaults defaults) {
    this.database = database;
    this.defaults = defaults;
  }

  /**
   * Looks at the workspaces that have decided something since it looked last, or today.
   *
   * @return how many events it wrote
   */
  public int look() {
    long now = System.nanoTime();
    int seconds =
        lookedAt == null || ++looks % WHOLE_DAY_EVERY == 0
            ? (int) Duration.ofDays(1).toSeconds()
            : (int) Duration.ofNanos(now - lookedAt).plus(OVERLAP).toSeconds();
    int written = look(seconds);
    lookedAt = now;
    return written;
  }

  private int look(int seconds) {
    int written = 0;
    UUID after = UuidV7.NIL;
    List<UUID> part;
    do {
      UUID from = after;
      part = database.read(connection -> spending(connection, from, seconds));
      if (!part.isEmpty()) {
        written += tell(part);
        after = part.getLast();
      }
    } while (part.size() == WORKSPACES_AT_ONCE);
    return written;
  }

  private int tell(List<UUID> workspaceIds) {
    List<Reached> reached =
        database.read(connection -> Snapshots.read(connection, workspaceIds)).values().stream()
            .flatMap(snapshot -> reached(snapshot).stream())
            .toList();
    if (reached.isEmpty()) {
      return 0;
    }
    Set<String> told = database.read(connection -> told(connection, reached));
    int written = 0;
    for (Reached one : reached) {
      if (!told.contains(one.once())) {
        boolean _ = database.transact(connection -> write(connection, one));
        written++;
      }
    }
    return written;
  }

  private List<Reached> reached(Snapshot snapshot) {
    EffectiveSettings effective = snapshot.effective(defaults);
    Usage usage = snapshot.workspace().usage();
    String month = usage.day().toString().substring(0, "2030-01".length());
    List<Reached> reached = new ArrayList<>();
    for (int percent : PERCENTS) {
      add(
          reached,
          snapshot.workspace().id(),
          new Period("daily", usage.day().toString(), usage.dayEnds()),
          usage.spent(),
          effective.budget(Setting.DAILY_BUDGET).value(),
          percent);
      add(
          reached,
          snapshot.workspace().id(),
          new Period("monthly", month, usage.monthEnds()),
          usage.month().spent(),
          effective.budget(Setting.MONTHLY_BUDGET).value(),
          percent);
    }
    return reached;
  }

  /** Of a budget of nothing nothing can be spent, and so it is not told of. */
  private static void add(
      List<Reached> reached,
      UUID workspaceId,
      Period period,
      MicroUsd spent,
      Budget budget,
      int percent) {
    if (!budget.isUnlimited()
        && budget.micros() > 0
        && Math.multiplyHigh(spent.micros(), 100) == 0
        && spent.micros() * 100 / percent >= budget.micros()) {
      reached.add(new Reached(workspaceId, period, spent, budget, percent));
    }
  }

  private static List<UUID> spending(Connection connection, UUID after, int seconds)
      throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, SPENDING)) {
      ResultSet row =
          statement
              .uuid("after", after)
              .integer("seconds", seconds)
              .integer("rows", WORKSPACES_AT_ONCE)
              .run()
              .nextRows();
      List<UUID> found = new ArrayList<>();
      while (row.next()) {
        found.add(Objects.requireNonNull(row.getObject("workspace_id", UUID.class)));
      }
      return found;
    }
  }

  private static Set<String> told(Connection connection, List<Reached> reached)
      throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, TOLD)) {
      ResultSet row =
          statement.texts("onces", reached.stream().map(Reached::once).toList()).run().nextRows();
      Set<String> told = new HashSet<>();
      while (row.next()) {
        told.add(row.getString("once"));
      }
      return told;
    }
  }

  private static boolean write(Connection connection, Reached reached) throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, TELL_ONCE)) {
      statement
          .uuid("workspace_id", reached.workspaceId())
          .text("type", "budget.threshold")
          .text("data", reached.json())
          .text("once", reached.once())
          .run();
      return true;
    }
  }

  /**
   * What a budget is for.
   *
   * @param budget {@code daily} or {@code monthly}
   * @param name the day or the month
   */
  private record Period(String budget, String name, Instant resetsAt) {}

  /** Part of a budget that is spent. */
  private record Reached(
      UUID workspaceId, Period period, MicroUsd spent, Budget budget, int percent) {
    String once() {
      return "budget/%s/%s/%s/%d".formatted(workspaceId, period.budget(), period.name(), percent);
    }

    String json() {
      return CanonicalJson.object(
          Map.of(
              "budget", Optional.of(CanonicalJson.text(period.budget())),
              "period", Optional.of(CanonicalJson.text(period.name())),
              "percent", Optional.of(Integer.toString(percent)),
              "spent_usd", Optional.of(spent.toString()),
              "budget_usd", Optional.of(new MicroUsd(budget.micros()).toString()),
              "resets_at", Optional.of(CanonicalJson.text(period.resetsAt().toString()))));
    }
  }
}
