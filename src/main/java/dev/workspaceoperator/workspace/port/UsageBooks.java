package dev.workspaceoperator.workspace.port;

import dev.workspaceoperator.workspace.MicroUsd;
import dev.workspaceoperator.workspace.port.RunBooks.UserUsage;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What a workspace used over many days, read from the books that admission keeps; never staler than
 * the call. Days are UTC days of the database's clock. Every method may throw {@link
 * StoreUnavailableException}.
 */
public interface UsageBooks {
  /** The present day. */
  LocalDate today();

  /** The days of a range that have a book, in their order. */
  List<DayTotal> days(UUID workspaceId, Range range);

  /**
   * What each user used in the range, dearest first.
   *
   * @param onlyUser only this user
   * @throws Page.BadCursorException if the cursor is not one of this list
   */
  Page<UserUsage> users(
      UUID workspaceId, Range range, Optional<String> onlyUser, Page.Request request);

  /**
   * Which user spent how much on which day, by day and user; only what is not nothing.
   *
   * @param onlyUser only this user
   * @param after goes on behind it; empty for the beginning
   * @param rows at most so many
   */
  List<UserDay> userDays(
      UUID workspaceId, Range range, Optional<String> onlyUser, Optional<UserDay> after, int rows);

  /** Days from one to another, both included. */
  record Range(LocalDate from, LocalDate to) {}

  /** A workspace's day. */
  record DayTotal(LocalDate day, MicroUsd spent, MicroUsd reserved) {}

  /** A user's day. */
  record UserDay(LocalDate day, String userId, MicroUsd spent) {}
}
