package dev.workspaceoperator.gate;

import static dev.workspaceoperator.gate.GateFixture.admitted;
import static dev.workspaceoperator.gate.GateFixture.budget;
import static dev.workspaceoperator.gate.GateFixture.cap;
import static dev.workspaceoperator.gate.GateFixture.done;
import static dev.workspaceoperator.gate.GateFixture.refusal;
import static dev.workspaceoperator.gate.GateFixture.run;
import static dev.workspaceoperator.gate.GateFixture.started;
import static dev.workspaceoperator.gate.GateFixture.step;
import static dev.workspaceoperator.gate.GateFixture.usd;
import static dev.workspaceoperator.gate.GateFixture.withKey;
import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.sql.Partitions;
import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.Run;
import dev.workspaceoperator.workspace.RunBlock;
import dev.workspaceoperator.workspace.RunOutcome;
import dev.workspaceoperator.workspace.RunStatus;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingValues;
import dev.workspaceoperator.workspace.Source;
import dev.workspaceoperator.workspace.Step;
import dev.workspaceoperator.workspace.Usage;
import dev.workspaceoperator.workspace.port.Created;
import dev.workspaceoperator.workspace.port.Page;
import dev.workspaceoperator.workspace.port.RunBooks.DayUsage;
import dev.workspaceoperator.workspace.port.RunRef;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Days, leases and keys by the database's clock, which the tests set. */
class GateTimeIT {
  private static GateFixture db;
  private static Gate gate;
  private static PostgresRunBooks books;

  /** Before the last of February in a leap year. */
  private static final LocalDate DAY = LocalDate.parse("2040-02-28");

  @BeforeAll
  static void open() throws Exception {
    db = GateFixture.open();
    gate = db.gate();
    books = new PostgresRunBooks(db.database, GateSettings.STANDARD);
    noon();
    for (Partitions partitions :
        List.of(Partitions.ofRuns(db.database), Partitions.ofIdempotencyKeys(db.database))) {
      partitions.makeAhead();
    }
  }

  @AfterAll
  static void close() {
    gate.close();
    db.close();
  }

  @BeforeEach
  void restoreNoon() throws SQLException {
    noon();
  }

  private static void noon() throws SQLException {
    db.setClock(at("12:00:00"));
  }

  @Test
  void aStepIsBookedOnTheDayOfItsReservation() throws Exception {
    UUID workspace = db.workspace(budget("1"));
    db.setClock(at("23:59:59.999999"));
    Run run = started(gate.start(run(workspace, "ada")));
    Step step = admitted(gate.step(step(workspace, run, "1")));
    assertThat(refusal(gate.step(step(workspace, run, "0.1"))))
        .isInstanceOf(Refusal.DailyBudgetExceeded.class);

    db.setClock(nextDay("00:00:00"));
    Step fresh = admitted(gate.step(step(workspace, run, "0.5")));
    done(gate.settle(RunRef.of(workspace, run.id()), step.id(), usd("0.7")));

    assertThat(usage(workspace, DAY)).isEqualTo("spent 0.7 reserved 0 ada 0.7 0");
    assertThat(usage(workspace, DAY.plusDays(1))).isEqualTo("spent 0 reserved 0.5 ada 0 0.5");
    assertThat(fresh.admittedAt()).isEqualTo(nextDay("00:00:00"));
    Run seen = books.run(RunRef.of(workspace, run.id())).orElseThrow();
    assertThat(seen.spent()).isEqualTo(usd("0.7"));
    assertThat(seen.reserved()).isEqualTo(usd("0.5"));
  }

  /** In whichever layer: the gate reads what other days have used only where one says something. */
  @ParameterizedTest
  @EnumSource(
      value = Source.class,
      names = {"DECLARED", "RUNTIME", "OVERRIDE"})
  void aMonthEndsWithItsLastDay(Source layer) throws Exception {
    Budget dollar = Budget.ofUsd(new BigDecimal("1"));
    UUID workspace =
        db.workspace(
            layer == Source.DECLARED
                ? SettingValues.NONE.with(Setting.MONTHLY_BUDGET, Optional.of(dollar))
                : SettingValues.NONE);
    if (layer == Source.RUNTIME) {
      db.execute(
          "UPDATE workspace SET runtime_settings = '{\"monthly_budget_micro_usd\":1000000}'"
              + " WHERE workspace_id = '%s'".formatted(workspace));
    } else if (layer == Source.OVERRIDE) {
      db.execute(
          "INSERT INTO workspace_override (workspace_id, override_id, setting, value, reason,"
              + " created_by, created_at, expires_at) VALUES ('%s', gen_random_uuid(),"
                  .formatted(workspace)
              + " 'monthly_budget_usd', 1000000, 'why', 'who', '2040-02-28', '2040-04-01')");
    }
    db.setClock(at("12:00:00"));
    Run run = started(gate.start(run(workspace, "ada")));
    Step settled = admitted(gate.step(step(workspace, run, "0.5")));
    done(gate.settle(RunRef.of(workspace, run.id()), settled.id(), usd("0.4")));
    db.setClock(nextDay("00:00:00"));
    Run second = started(gate.start(run(workspace, "bob")));
    admitted(gate.step(step(workspace, second, "0.5")));
    Refusal.MonthlyBudgetExceeded refused =
        (Refusal.MonthlyBudgetExceeded) refusal(gate.step(step(workspace, second, "0.11")));
    assertThat(refused.budget().spent()).isEqualTo(usd("0.4"));
    assertThat(refused.budget().reserved()).isEqualTo(usd("0.5"));
    Instant next = Instant.parse("2040-03-01T00:00:00Z");
    assertThat(refused.budget().resetsAt()).contains(next);
    Usage.Month used =
        books
            .usage(
                workspace,
                Optional.of(DAY),
                Optional.empty(),
                new Page.Request(1, Optional.empty()))
            .orElseThrow()
            .usage()
            .month();
    assertThat(used).isEqualTo(new Usage.Month(usd("0.4"), usd("0.5")));

    db.setClock(next.minusNanos(1000));
    Run last = started(gate.start(run(workspace, "ada")));
    assertThat(refusal(gate.step(step(workspace, last, "0.51"))))
        .isInstanceOf(Refusal.MonthlyBudgetExceeded.class);
    db.setClock(next);
    admitted(gate.step(step(workspace, last, "1")));
  }

  @Test
  void theEndOfARunChargesEachDayItsOwn() throws Exception {
    UUID workspace = db.workspace(budget("1"));
    db.setClock(at("23:59:50"));
    Run run = started(gate.start(run(workspace, "ada")));
    Step late = admitted(gate.step(step(workspace, run, "0.3")));
    db.setClock(nextDay("00:00:10"));
    admitted(gate.step(step(workspace, run, "0.4")));
    done(gate.finish(RunRef.of(workspace, run.id()), RunOutcome.SUCCEEDED));
    assertThat(usage(workspace, DAY)).isEqualTo("spent 0.3 reserved 0 ada 0.3 0");
    assertThat(usage(workspace, DAY.plusDays(1))).isEqualTo("spent 0.4 reserved 0 ada 0.4 0");

    db.setClock(nextDay("12:00:00").plus(Duration.ofDays(4)));
    done(gate.settle(RunRef.of(workspace, run.id()), late.id(), usd("0.1")));
    assertThat(usage(workspace, DAY)).isEqualTo("spent 0.1 reserved 0 ada 0.1 0");
    assertThat(books.run(RunRef.of(workspace, run.id())).orElseThrow().spent())
        .isEqualTo(usd("0.5"));
  }

  @Test
  void aStepIsClosedSevenDaysAfterItsRunsEnd() throws Exception {
    UUID workspace = db.workspace(budget("1"));
    Run run = started(gate.start(run(workspace, "ada")));
    Step step = admitted(gate.step(step(workspace, run, "0.3")));
    RunRef ref = RunRef.of(workspace, run.id());
    done(gate.finish(ref, RunOutcome.SUCCEEDED));
    db.setClock(at("12:00:00").plus(Duration.ofDays(7)).plusMillis(1));
    assertThat(refusal(gate.settle(ref, step.id(), usd("0.1"))))
        .isEqualTo(new Refusal.StepClosed(at("12:00:00").plus(Duration.ofDays(7))));
  }

  @Test
  void timeNeverGoesBackForAWorkspace() throws Exception {
    UUID workspace = db.workspace(budget("1"));
    db.setClock(nextDay("00:00:05"));
    Run run = started(gate.start(run(workspace, "ada")));
    admitted(gate.step(step(workspace, run, "1")));
    db.setClock(at("22:00:00"));
    Refusal refusal = refusal(gate.step(step(workspace, run, "0.1")));
    assertThat(refusal).isInstanceOf(Refusal.DailyBudgetExceeded.class);
    Run renewed = done(gate.heartbeat(RunRef.of(workspace, run.id())));
    assertThat(renewed.leaseExpiresAt()).isEqualTo(nextDay("00:00:35"));
    Run second = started(gate.start(run(db.workspace(), "ada")));
    assertThat(second.startedAt()).isEqualTo(at("22:00:00"));
    db.setClock(nextDay("00:00:06"));
    assertThat(done(gate.heartbeat(RunRef.of(workspace, run.id()))).leaseExpiresAt())
        .isEqualTo(nextDay("00:00:36"));
  }

  @Test
  void aDeadRunsSlotIsFreeAndItsStepsAreCharged() throws Exception {
    UUID workspace = db.workspace(cap(1));
    Run run = started(gate.start(run(workspace, "ada")));
    Step step = admitted(gate.step(step(workspace, run, "0.3")));
    RunRef ref = RunRef.of(workspace, run.id());
    db.setClock(at("12:00:20"));
    done(gate.heartbeat(ref));
    db.setClock(at("12:00:49"));
    assertThat(refusal(gate.start(run(workspace, "bob"))))
        .isEqualTo(new Refusal.MaxConcurrentRunsExceeded(1, 1));
    db.setClock(at("12:00:50"));
    started(gate.start(run(workspace, "bob")));
    Run expired = done(gate.heartbeat(ref));
    assertThat(expired.status()).isEqualTo(RunStatus.EXPIRED);
    assertThat(expired.blocked()).contains(RunBlock.RUN_NOT_RUNNING);
    assertThat(expired.spent()).isEqualTo(usd("0.3"));
    assertThat(refusal(gate.finish(ref, RunOutcome.SUCCEEDED)))
        .isEqualTo(new Refusal.RunNotRunning(RunStatus.EXPIRED));
    done(gate.settle(ref, step.id(), usd("0.2")));
    assertThat(usage(workspace, DAY)).isEqualTo("spent 0.2 reserved 0 ada 0.2 0");
  }

  @Test
  void theReaperExpiresDeadRunsOfEveryWorkspace() throws Exception {
    List<UUID> workspaces = List.of(db.workspace(), db.workspace());
    for (UUID workspace : workspaces) {
      for (int i = 0; i < 3; i++) {
        started(gate.start(run(workspace, "ada")));
      }
    }
    try (Reaper _ = Reaper.start(db.database, gate)) {
      db.setClock(at("12:00:29.999999"));
      Run alive = started(gate.start(run(workspaces.getFirst(), "ada")));
      db.setClock(at("12:00:30"));
      org.awaitility.Awaitility.await()
          .atMost(Duration.ofSeconds(5))
          .untilAsserted(() -> {
            assertThat(activeRuns(workspaces.getFirst())).isEqualTo(1);
            assertThat(activeRuns(workspaces.getLast())).isZero();
          });
      assertThat(books.run(RunRef.of(workspaces.getFirst(), alive.id())).orElseThrow().status())
          .isEqualTo(RunStatus.RUNNING);
    }
  }

  @Test
  void aKeyHoldsAcrossMidnightForSeventyTwoHours() throws Exception {
    UUID workspace = db.workspace();
    db.setClock(at("23:59:59"));
    Created<Run> first = done(gate.start(withKey(run(workspace, "ada"), "k", "f")));
    Created<Step> step = done(gate.step(withKey(step(workspace, first.value(), "0.1"), "s", "g")));
    done(gate.settle(RunRef.of(workspace, first.value().id()), step.value().id(), usd("0.05")));
    db.setClock(at("23:59:58").plus(Duration.ofDays(3)));

    assertThat(done(gate.start(withKey(run(workspace, "ada"), "k", "f"))))
        .isEqualTo(new Created<>(first.value(), true));
    assertThat(done(gate.step(withKey(step(workspace, first.value(), "0.1"), "s", "g"))))
        .isEqualTo(new Created<>(step.value(), true));
    assertThat(refusal(gate.start(withKey(run(workspace, "ada"), "k", "other"))))
        .isInstanceOf(Refusal.IdempotencyKeyReused.class);
    assertThat(refusal(gate.start(withKey(run(workspace, "ada"), "s", "g"))))
        .isInstanceOf(Refusal.IdempotencyKeyReused.class);

    db.setClock(at("23:59:59").plus(Duration.ofDays(3)));
    assertThat(done(gate.start(withKey(run(workspace, "ada"), "k", "other"))).replayed()).isFalse();
  }

  @Test
  void twinsOnManyThreadsHaveOneEffect() throws Exception {
    UUID workspace = db.workspace(cap(1));
    List<Created<Run>> answers = new java.util.concurrent.CopyOnWriteArrayList<>();
    Clients.together(
        100, _ -> answers.add(done(gate.start(withKey(run(workspace, "ada"), "twin", "f")))));
    assertThat(answers)
        .hasSize(100)
        .extracting(it -> it.value().id())
        .containsOnly(answers.getFirst().value().id());
    assertThat(answers).filteredOn(it -> !it.replayed()).hasSize(1);
    assertThat(activeRuns(workspace)).isEqualTo(1);
  }

  @Test
  void runsAreListedNewestFirst() throws Exception {
    UUID workspace = db.workspace();
    Run oldest = started(gate.start(run(workspace, "ada")));
    db.setClock(at("12:00:01"));
    Run bobs = started(gate.start(run(workspace, "bob")));
    db.setClock(at("12:00:02"));
    Run newest = started(gate.start(run(workspace, "ada")));
    done(gate.finish(RunRef.of(workspace, oldest.id()), RunOutcome.FAILED));
    Page<Run> first =
        books.runs(
            workspace, Optional.empty(), Optional.empty(), new Page.Request(2, Optional.empty()));
    assertThat(first.items()).extracting(Run::id).containsExactly(newest.id(), bobs.id());
    Page<Run> second =
        books.runs(
            workspace, Optional.empty(), Optional.empty(), new Page.Request(2, first.next()));
    assertThat(second.items()).extracting(Run::id).containsExactly(oldest.id());
    assertThat(second.next()).isEmpty();
    Page.Request all = new Page.Request(100, Optional.empty());
    assertThat(books.runs(workspace, Optional.empty(), Optional.of("bob"), all).items())
        .containsExactly(bobs);
    assertThat(books.runs(workspace, Optional.of(RunStatus.FAILED), Optional.empty(), all).items())
        .extracting(Run::id)
        .containsExactly(oldest.id());
  }

  /** There is a statement for each set of filters: each must list the same runs. */
  @Test
  void everySetOfFiltersGivesItsRunsAPageAtATime() throws Exception {
    UUID workspace = db.workspace();
    started(gate.start(run(db.workspace(), "ada")));
    List<Run> started = new ArrayList<>();
    List<RunOutcome> outcomes = List.of(RunOutcome.values());
    for (int i = 0; i < 24; i++) {
      db.setClock(at("12:00:00").plus(Duration.ofHours(5L * i)));
      Run run = started(gate.start(run(workspace, i % 3 == 0 ? "ada" : "bob")));
      started.add(run);
      // One of four is left to its lease, the last of them lives.
      if (i % 4 < outcomes.size()) {
        done(gate.finish(RunRef.of(workspace, run.id()), outcomes.get(i % 4)));
      }
    }
    List<Run> all =
        started.reversed().stream()
            .map(run -> books.run(RunRef.of(workspace, run.id())).orElseThrow())
            .toList();
    assertThat(all).extracting(Run::status).contains(RunStatus.values());
    List<Optional<String>> users =
        List.of(Optional.empty(), Optional.of("ada"), Optional.of("bob"), Optional.of("eve"));
    for (Optional<String> user : users) {
      assertThat(paged(workspace, Optional.empty(), user)).isEqualTo(where(all, any -> true, user));
      for (RunStatus status : RunStatus.values()) {
        assertThat(paged(workspace, Optional.of(status), user))
            .as("%s of %s", status, user)
            .isEqualTo(where(all, run -> run.status() == status, user));
      }
    }
  }

  private static List<Run> where(List<Run> all, Predicate<Run> is, Optional<String> user) {
    return all.stream()
        .filter(is)
        .filter(run -> user.map(run.userId()::equals).orElse(true))
        .toList();
  }

  /** All of them, two at a time. */
  private static List<Run> paged(
      UUID workspace, Optional<RunStatus> status, Optional<String> user) {
    List<Run> runs = new ArrayList<>();
    Page<Run> page = new Page<>(List.of(), Optional.empty());
    do {
      page = books.runs(workspace, status, user, new Page.Request(2, page.next()));
      runs.addAll(page.items());
    } while (page.next().isPresent());
    return runs;
  }

  private static Instant at(String time) {
    return Instant.parse(DAY + "T" + time + "Z");
  }

  private static Instant nextDay(String time) {
    return Instant.parse(DAY.plusDays(1) + "T" + time + "Z");
  }

  private static int activeRuns(UUID workspace) {
    return books
        .usage(workspace, Optional.empty(), Optional.empty(), new Page.Request(1, Optional.empty()))
        .orElseThrow()
        .usage()
        .activeRuns();
  }

  private static String usage(UUID workspace, LocalDate day) {
    DayUsage usage =
        books
            .usage(
                workspace,
                Optional.of(day),
                Optional.empty(),
                new Page.Request(10, Optional.empty()))
            .orElseThrow();
    assertThat(usage.usage().dayEnds())
        .isEqualTo(day.plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant());
    StringBuilder text =
        new StringBuilder(
            "spent " + usage.usage().spent() + " reserved " + usage.usage().reserved());
    usage
        .users()
        .items()
        .forEach(
            user -> text.append(" " + user.userId() + " " + user.spent() + " " + user.reserved()));
    return text.toString();
  }
}
