package dev.workspaceoperator.workspace;

/**
 * A permission of Kubernetes to give a workspace more (design.md §13): a verb on a resource of the
 * group {@code workspace-operator.dev} that exists in permissions only.
 *
 * @param verb such as {@code raise}
 * @param resource in the plural, such as {@code budgets}; it belongs to the whole cluster
 * @param name which one of them, such as {@code daily}
 */
public record Permission(String verb, String resource, String name) {
  /** To raise or remove the budget of a day. */
  public static final Permission RAISE_DAILY = new Permission("raise", "budgets", "daily");

  /** To raise or remove the budget of a month. */
  public static final Permission RAISE_MONTHLY = new Permission("raise", "budgets", "monthly");

  /** To raise or remove the budget of each user. */
  public static final Permission RAISE_USER = new Permission("raise", "budgets", "user");

  /** To raise or remove the run cap. */
  public static final Permission RAISE_RUNS = new Permission("raise", "budgets", "runs");

  /** To release the declared kill switch, also by a deletion. */
  public static final Permission RELEASE_KILL_SWITCH =
      new Permission("release", "killswitches", "declared");

  /** To have a workspace archived that has runs or spend. */
  public static final Permission DELETE_BOOKS = new Permission("delete", "books", "any");

  /** To assign a plan above Basic. */
  public static Permission assign(Plan plan) {
    return new Permission("assign", "plans", plan.resourceName());
  }

  /** To give a key a scope. */
  public static Permission grant(Scope scope) {
    return new Permission("grant", "scopes", scope.label().replace(':', '-'));
  }

  /** As people say it: {@code raise budgets/daily}. */
  @Override
  public String toString() {
    return "%s %s/%s".formatted(verb, resource, name);
  }
}
