package dev.workspaceoperator.gate;

import dev.workspaceoperator.gate.ledger.DayBalance;
import dev.workspaceoperator.gate.ledger.WorkspaceBatch;
import dev.workspaceoperator.gate.ledger.WorkspaceLedger;
import dev.workspaceoperator.sql.Column;
import dev.workspaceoperator.sql.Sql;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;

/** What a batch writes to the books of workspaces and of their users: amounts are differences. */
final class BookRows {
  private static final Sql BOOK_DAYS = Sql.load("gate/bookDays");
  private static final Sql BOOK_USER_DAYS = Sql.load("gate/bookUserDays");
  private static final Sql UPDATE_ACTIVE_RUNS = Sql.load("gate/updateActiveRuns");

  private final Days days = new Days();
  private final UserDays userDays = new UserDays();
  private final Rows slots = new Rows(UPDATE_ACTIVE_RUNS);
  private final Column.Uuids slotWorkspaceIds = slots.uuids("active_workspace_ids");
  private final Column.Bigints slotChanges = slots.bigints("active_changes");

  /** Adds what changes in one workspace. Its newest day is always among it: it tells the time. */
  void add(WorkspaceLedger ledger) {
    UUID id = ledger.workspace().id();
    WorkspaceBatch batch = ledger.batch();
    days.add(id, batch.today(), batch.todaysBalance(), ledger.workspace().now());
    batch
        .earlierBalances()
        .forEach((day, book) -> {
          if (book.isChanged()) {
            days.add(id, day, book, Instant.EPOCH);
          }
        });
    batch
        .userBalances()
        .forEach((user, book) -> {
          if (book.isChanged()) {
            userDays.add(id, user, book);
          }
        });
    if (batch.slotChange() != 0) {
      slotWorkspaceIds.add(id);
      slotChanges.add(batch.slotChange());
    }
  }

  List<Rows> rows() {
    return List.of(days.rows, userDays.rows, slots);
  }

  /** Rows of {@code workspace_day}. */
  private static final class Days {
    private final Rows rows = new Rows(BOOK_DAYS);
    private final Column.Uuids workspaceIds = rows.uuids("day_workspace_ids");
    private final Column.Dates days = rows.dates("days");
    private final Column.Bigints spent = rows.bigints("day_spent");
    private final Column.Bigints reserved = rows.bigints("day_reserved");
    private final Column.Times decided = rows.times("day_decided");

    void add(UUID workspaceId, LocalDate day, DayBalance book, Instant decidedAt) {
      workspaceIds.add(workspaceId);
      days.add(day);
      spent.add(book.spentChange());
      reserved.add(book.reservedChange());
      decided.add(decidedAt);
    }
  }

  /** Rows of {@code user_day}. */
  private static final class UserDays {
    private final Rows rows = new Rows(BOOK_USER_DAYS);
    private final Column.Uuids workspaceIds = rows.uuids("user_day_workspace_ids");
    private final Column.Dates days = rows.dates("user_days");
    private final Column.Texts userIds = rows.texts("user_day_user_ids");
    private final Column.Bigints spent = rows.bigints("user_day_spent");
    private final Column.Bigints reserved = rows.bigints("user_day_reserved");

    void add(UUID workspaceId, WorkspaceBatch.UserDay user, DayBalance book) {
      workspaceIds.add(workspaceId);
      days.add(user.day());
      userIds.add(user.userId());
      spent.add(book.spentChange());
      reserved.add(book.reservedChange());
    }
  }
}
