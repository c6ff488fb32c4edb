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
import dev.workspaceoperator.workspace.port.Snapshot;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
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
  private static final Sql SPENT_DAYS = Sql.load("notification/spentDays");
  private static final Sql TOLD = Sql.load("notification/told");
  private static final Sql TELL_ONCE =
      Sql.pipeline(
          Sql.load("runtime/lockWorkspace"), Sql.load("notification/tellOnce"), Sql.COMMIT);
  private static final List<Integer> PERCENTS = List.of(80, 100);
  private static final int WORKSPACES_AT_ONCE = 500;

  /** Of a budget that was lowered, too, whose workspace decides nothing any more. */
  private static final int WHOLE_DAY_EVERY = 12;

  /** Today, and yesterday: most of what is settled late is settled soon. */
  private static final int DAYS = 2;

  /** What a run settles that was reserved so long ago is found once a minute. */
  private static final int WHOLE_DAYS = 31;

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
    Span span =
        lookedAt == null || ++looks % WHOLE_DAY_EVERY == 0
            ? new Span((int) Duration.ofDays(1).toSeconds(), WHOLE_DAYS)
            : new Span((int) Duration.ofNanos(now - lookedAt).plus(OVERLAP).toSeconds(), DAYS);
    int written = look(span);
    lookedAt = now;
    return written;
  }

  private int look(Span span) {
    int written = 0;
    UUID after = UuidV7.NIL;
    List<UUID> part;
    do {
      UUID from = after;
      part = database.read(connection -> spending(connection, from, span));
      if (!part.isEmpty()) {
        written += tell(part, span);
        after = part.getLast();
      }
    } while (part.size() == WORKSPACES_AT_ONCE);
    return written;
  }

  private int tell(List<UUID> workspaceIds, Span span) {
    Map<UUID, Snapshot> snapshots =
        database.read(connection -> Snapshots.read(connection, workspaceIds));
    List<Reached> reached =
        database.read(connection -> spentDays(connection, workspaceIds, span)).stream()
            .flatMap(day ->
                Optional.ofNullable(snapshots.get(day.workspaceId())).stream()
                    .flatMap(snapshot -> reached(day, snapshot.effective(defaults)).stream()))
            .toList();
    if (reached.isEmpty()) {
      return 0;
    }
    Set<String> told = database.read(connection -> told(connection, reached));
    int written = 0;
    for (Reached one : reached) {
      if (told.add(one.once())) {
        boolean _ = database.transact(connection -> write(connection, one));
        written++;
      }
    }
    return written;
  }

  /** Held against the budgets of now, also of a day that is over. */
  private static List<Reached> reached(SpentDay day, EffectiveSettings effective) {
    Period daily = new Period("daily", day.day().toString(), startOf(day.day().plusDays(1)));
    Period monthly =
        new Period(
            "monthly",
            YearMonth.from(day.day()).toString(),
            startOf(day.day().withDayOfMonth(1).plusMonths(1)));
    List<Reached> reached = new ArrayList<>();
    for (int percent : PERCENTS) {
      add(
          reached,
          day.workspaceId(),
          daily,
          day.spent(),
          effective.budget(Setting.DAILY_BUDGET).value(),
          percent);
      add(
          reached,
          day.workspaceId(),
          monthly,
          day.monthSpent(),
          effective.budget(Setting.MONTHLY_BUDGET).value(),
          percent);
    }
    return reached;
  }

  private static Instant startOf(LocalDate day) {
    return day.atStartOfDay(ZoneOffset.UTC).toInstant();
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

  private static List<UUID> spending(Connection connection, UUID after, Span span)
      throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, SPENDING)) {
      ResultSet row =
          statement
              .uuid("after", after)
              .integer("seconds", span.seconds())
              .integer("days", span.days())
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

  private static List<SpentDay> spentDays(Connection connection, List<UUID> workspaceIds, Span span)
      throws SQLException {
    try (NamedStatement statement = NamedStatement.of(connection, SPENT_DAYS)) {
      ResultSet row =
          statement
              .uuids("workspace_ids", workspaceIds)
              .integer("seconds", span.seconds())
              .integer("days", span.days())
              .run()
              .nextRows();
      List<SpentDay> found = new ArrayList<>();
      while (row.next()) {
        found.add(
            new SpentDay(
                Objects.requireNonNull(row.getObject("workspace_id", UUID.class)),
                Objects.requireNonNull(row.getObject("day", LocalDate.class)),
                new MicroUsd(row.getLong("spent_micro_usd")),
                new MicroUsd(row.getLong("month_spent_micro_usd"))));
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
   * What is looked at.
   *
   * @param seconds what was decided within them
   * @param days of so many days, today included
   */
  private record Span(int seconds, int days) {}

  /** What was spent on a day, and in its month. */
  private record SpentDay(UUID workspaceId, LocalDate day, MicroUsd spent, MicroUsd monthSpent) {}

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
