package dev.workspaceoperator.http.server;

import io.helidon.http.Status;
import java.util.Locale;

/**
 * What can go wrong, for programs (design.md §6, Errors): the status that a code comes with, and
 * one title for all errors of the code.
 */
public enum ProblemCode {
  MALFORMED_JSON(400, "Malformed JSON"),
  BAD_REQUEST(400, "Bad request"),
  WORKSPACE_REQUIRED(400, "Workspace required"),
  UNAUTHENTICATED(401, "Unauthenticated"),
  DAILY_BUDGET_EXCEEDED(402, "Daily budget exceeded"),
  MONTHLY_BUDGET_EXCEEDED(402, "Monthly budget exceeded"),
  USER_DAILY_BUDGET_EXCEEDED(402, "Daily budget of the user exceeded"),
  RUN_BUDGET_EXCEEDED(402, "Budget of the run exceeded"),
  KILL_SWITCH_ACTIVE(403, "Kill switch active"),
  PLAN_UPGRADE_REQUIRED(403, "Plan upgrade required"),
  INSUFFICIENT_SCOPE(403, "Insufficient scope"),
  NO_WORKSPACE(403, "No workspace"),
  USER_MISMATCH(403, "User mismatch"),
  WORKSPACE_ARCHIVED(403, "Workspace archived"),
  NOT_FOUND(404, "Not found"),
  METHOD_NOT_ALLOWED(405, "Method not allowed"),
  NOT_ACCEPTABLE(406, "Not acceptable"),
  FIELD_MANAGED_DECLARATIVELY(409, "Field managed declaratively"),
  KILL_SWITCH_DECLARED(409, "Kill switch held by the manifest"),
  KILL_SWITCH_PLATFORM(409, "Kill switch held by the platform"),
  RUN_NOT_RUNNING(409, "Run not running"),
  RUN_CANCELLED(409, "Run cancelled"),
  STEP_ALREADY_SETTLED(409, "Step already settled"),
  STEP_CLOSED(409, "Step closed"),
  PRECONDITION_FAILED(412, "Precondition failed"),
  PAYLOAD_TOO_LARGE(413, "Payload too large"),
  UNSUPPORTED_MEDIA_TYPE(415, "Unsupported media type"),
  VALIDATION_FAILED(422, "Validation failed"),
  IDEMPOTENCY_KEY_REUSED(422, "Idempotency key reused"),
  MAX_CONCURRENT_RUNS_EXCEEDED(429, "Too many concurrent runs"),
  TOO_MANY_REQUESTS(429, "Too many requests"),
  INTERNAL_ERROR(500, "Internal error"),
  STORE_UNAVAILABLE(503, "Store unavailable"),
  OVERLOADED(503, "Overloaded");

  private static final String TYPES = "https://workspace-operator.dev/problems/";

  private final int status;
  private final String title;
  private final String type;

  ProblemCode(int status, String title) {
    this.status = status;
    this.title = title;
    this.type = TYPES + name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The status of an answer with this code. */
  public Status status() {
    return Status.create(status);
  }

  /** What the code means; the same for every error of it. */
  public String title() {
    return title;
  }

  /** Names the code for readers of RFC 9457. */
  public String type() {
    return type;
  }
}
