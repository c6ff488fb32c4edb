package dev.workspaceoperator.workspace.port;

import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.SettingsOverride;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** Time-boxed exceptions that people make (design.md §4, break glass). */
public interface OverrideStore {
  /** Those that are in force now, newest first. */
  Page<StoredOverride> list(UUID workspaceId, Page.Request request);

  /**
   * Makes one. Refused: NotFound, IdempotencyKeyReused, Archived, PlanTooLow.
   *
   * @param draft with {@code expiresAt} after the database's clock and within 24 h of it
   * @throws InvalidEndException if it is not
   */
  Outcome<Created<StoredOverride>> create(
      UUID workspaceId, Draft draft, Optional<IdempotencyKey> idempotency, Actor actor);

  /** Ends one early. Refused: Archived; NotFound, also for one that has ended already. */
  Outcome<UUID> delete(UUID workspaceId, UUID overrideId, Actor actor);

  /**
   * Records what has run out: an audit row, a new revision and a notification each, once however
   * many replicas ask.
   *
   * @return how many were recorded
   */
  int sweep();

  /**
   * An override that is asked for.
   *
   * @param setting one that {@link Setting#isOverridable}
   * @param value as {@link SettingsOverride#value}
   * @param expiresAt when it ends
   * @param reason why, 1..500 code points
   */
  record Draft(Setting setting, long value, Instant expiresAt, String reason) {}

  /**
   * An override with who made it and why.
   *
   * @param override what is in force
   * @param reason why
   * @param createdBy {@link Actor#name}
   */
  record StoredOverride(SettingsOverride override, String reason, String createdBy) {}

  /** The end that was asked for is not after now, or more than 24 h away. */
  final class InvalidEndException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public InvalidEndException(Instant now) {
      super("expires_at must be after now (%s) and at most 24 hours away.".formatted(now));
    }
  }
}
