package dev.workspaceoperator.helm;

import dev.workspaceoperator.workspace.Permission;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Scope;
import java.util.List;
import java.util.Set;

/**
 * What may be given, and how it is written; values are JSON.
 *
 * @param resourceName a Workspace whose field has the value
 * @param permission what it needs to give more
 * @param field in the spec
 * @param value what the field has
 * @param looser values that give more
 * @param free values that give the same or less
 * @param isLoosenedByRemoval whether no value gives more
 * @param created the spec of a Workspace made with it
 * @param neededToCreate what that needs
 */
record GivenRight(
    String resourceName,
    Permission permission,
    String field,
    String value,
    List<String> looser,
    List<String> free,
    boolean isLoosenedByRemoval,
    String created,
    Set<Permission> neededToCreate) {
  static final List<GivenRight> EVERY =
      List.of(
          new GivenRight(
              "daily-budget",
              Permission.RAISE_DAILY,
              "dailyBudgetUsd",
              "100",
              List.of("101", "\"100.000001\"", "1000000000", "\"unlimited\""),
              List.of("\"100\"", "\"100.0\"", "100.0", "\"100.000000\"", "\"99.999999\""),
              true,
              "{\"dailyBudgetUsd\":\"0.01\"}",
              Set.of(Permission.RAISE_DAILY)),
          budgetOfPro("user-budget", Permission.RAISE_USER, "userDailyBudgetUsd"),
          budgetOfPro("monthly-budget", Permission.RAISE_MONTHLY, "monthlyBudgetUsd"),
          new GivenRight(
              "run-cap",
              Permission.RAISE_RUNS,
              "maxConcurrentRuns",
              "5",
              List.of("6", "1000000"),
              List.of("5", "4"),
              true,
              "{\"plan\":\"Scale\",\"dailyBudgetUsd\":0,\"maxConcurrentRuns\":51}",
              Set.of(Permission.assign(Plan.SCALE), Permission.RAISE_RUNS)),
          new GivenRight(
              "kill-switch",
              Permission.RELEASE_KILL_SWITCH,
              "killSwitch",
              "true",
              List.of("false"),
              List.of("true"),
              true,
              "{\"dailyBudgetUsd\":0,\"killSwitch\":false}",
              Set.of()),
          new GivenRight(
              "scopes",
              Permission.grant(Scope.KEYS_WRITE),
              "apiKeys",
              key("a", "runs:write"),
              List.of(key("a", "runs:write\",\"keys:write"), key("b", "keys:write")),
              List.of(key("b", "runs:write"), "[]"),
              false,
              "{\"dailyBudgetUsd\":0,\"apiKeys\":%s}".formatted(key("c", "keys:write")),
              Set.of(Permission.grant(Scope.KEYS_WRITE))),
          new GivenRight(
              "plan",
              Permission.assign(Plan.ENTERPRISE),
              "plan",
              "\"Scale\"",
              List.of("\"Enterprise\""),
              List.of("\"Scale\"", "\"Basic\""),
              false,
              "{\"plan\":\"Enterprise\",\"dailyBudgetUsd\":0}",
              Set.of(Permission.assign(Plan.ENTERPRISE))),
          new GivenRight(
              "books",
              Permission.DELETE_BOOKS,
              "deletionPolicy",
              "\"Retain\"",
              List.of("\"Delete\""),
              List.of("\"Retain\""),
              false,
              "{\"dailyBudgetUsd\":0,\"deletionPolicy\":\"Delete\"}",
              Set.of()));

  /** The spec that there is, with another value of the field; empty to leave it out. */
  String spec(String other) {
    String rest = field.equals("plan") ? "\"name\":\"A\"" : "\"plan\":\"Scale\"";
    return other.isEmpty()
        ? "{%s}".formatted(rest)
        : "{%s,\"%s\":%s}".formatted(rest, field, other);
  }

  private static String key(String digit, String scopes) {
    return "[{\"name\":\"agent\",\"sha256\":\"%s\",\"scopes\":[\"%s\"]}]"
        .formatted(digit.repeat(64), scopes);
  }

  @Override
  public String toString() {
    return resourceName;
  }

  /** One that a plan above Basic has, and that a new Workspace need not have. */
  private static GivenRight budgetOfPro(String resourceName, Permission permission, String field) {
    return new GivenRight(
        resourceName,
        permission,
        field,
        "\"12.5\"",
        List.of("13", "\"12.500001\"", "\"unlimited\""),
        List.of("\"12.50\"", "\"12.500000\"", "12"),
        true,
        "{\"plan\":\"Scale\",\"%s\":13}".formatted(field),
        Set.of(Permission.assign(Plan.SCALE), Permission.RAISE_DAILY));
  }
}
