package dev.workspaceoperator.gate;

import dev.workspaceoperator.store.Column;
import dev.workspaceoperator.store.Sql;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a batch writes to the books of workspaces and of their users: amounts are differences. */
final class BookRows {
  private static final Sql INSERT_DAYS = Sql.load("gate/insertDays");
  private static final Sql UPDATE_DAYS = Sql.load("gate/updateDays");
  private static final Sql INSERT_USER_DAYS = Sql.load("gate/insertUserDays");
  private static final Sql UPDATE_USER_DAYS = Sql.load("gate/updateUserDays");
  private static final Sql UPDATE_ACTIVE_RUNS = Sql.load("gate/updateActiveRuns");

  private final Days newDays = new Days(INSERT_DAYS, "new_");
  private final Days days = new Days(UPDATE_DAYS, "");
  private final UserDays newUserDays = new UserDays(INSERT_USER_DAYS, "new_");
  private final UserDays userDays = new UserDays(UPDATE_USER_DAYS, "");
  private final Rows slots = new Rows(UPDATE_ACTIVE_RUNS);
  private final Column.Uuids slotWorkspaceIds = slots.uuids("active_workspace_ids");
  private final Column.Bigints slotChanges = slots.bigints("active_changes");

  /** Adds what changes in one workspace. Its newest day is always among it: it tells the time. */
  void add(WorkspaceLedger ledger) {
    UUID id = ledger.workspace().id();
    Sheet sheet = ledger.sheet();
    Book today = sheet.todaysBook();
    (today.isStored() ? days : newDays).add(id, sheet.today(), today, ledger.workspace().now());
    sheet
        .earlierBooks()
        .forEach((day, book) -> {
          if (book.isChanged()) {
            days.add(id, day, book, null);
          }
        });
    sheet
        .userBooks()
        .forEach((user, book) -> {
          if (book.isChanged()) {
            (book.isStored() ? userDays : newUserDays).add(id, user, book);
          }
        });
    if (sheet.slotChange() != 0) {
      slotWorkspaceIds.add(id);
      slotChanges.add(sheet.slotChange());
    }
  }

  List<Rows> rows() {
    return List.of(newDays.rows, days.rows, newUserDays.rows, userDays.rows, slots);
  }

  /** Rows of {@code workspace_day}. */
  private static final class Days {
    private final Rows rows;
    private final Column.Uuids workspaceIds;
    private final Column.Dates days;
    private final Column.Bigints spent;
    private final Column.Bigints reserved;
    private final Column.Times decided;

    Days(Sql sql, String prefix) {
      rows = new Rows(sql);
      workspaceIds = rows.uuids(prefix + "day_workspace_ids");
      days = rows.dates(prefix + "days");
      spent = rows.bigints(prefix + "day_spent");
      reserved = rows.bigints(prefix + "day_reserved");
      decided = rows.times(prefix + "day_decided");
    }

    void add(UUID workspaceId, LocalDate day, Book book, @Nullable Instant decidedAt) {
      workspaceIds.add(workspaceId);
      days.add(day);
      spent.add(book.spentChange());
      reserved.add(book.reservedChange());
      decided.add(decidedAt);
    }
  }

  /** Rows of {@code user_day}. */
  private static final class UserDays {
    private final Rows rows;
    private final Column.Uuids workspaceIds;
    private final Column.Dates days;
    private final Column.Texts userIds;
    private final Column.Bigints spent;
    private final Column.Bigints reserved;

    UserDays(Sql sql, String prefix) {
      rows = new Rows(sql);
      workspaceIds = rows.uuids(prefix + "user_day_workspace_ids");
      days = rows.dates(prefix + "user_days");
      userIds = rows.texts(prefix + "user_day_user_ids");
      spent = rows.bigints(prefix + "user_day_spent");
      reserved = rows.bigints(prefix + "user_day_reserved");
    }

    void add(UUID workspaceId, Sheet.UserDay user, Book book) {
      workspaceIds.add(workspaceId);
      days.add(user.day());
      userIds.add(user.userId());
      spent.add(book.spentChange());
      reserved.add(book.reservedChange());
    }
  }
}
