package dev.workspaceoperator.metric;

import java.util.Set;

/** Which processes tell a figure. */
public enum Teller {
  /** Every role. */
  EVERY("every role", "api", "controller", "ext-authz"),
  /** The two that admit. */
  SERVING("`api`, `ext-authz`", "api", "ext-authz"),
  /** The one with the REST API. */
  API("`api`", "api"),
  /** The one that reconciles, leading or not. */
  CONTROLLER("`controller`", "controller"),
  /** The controller that leads: one process of a cluster. */
  LEADER("the leading `controller`", "controller"),
  /** The one that Envoy asks. */
  EXT_AUTHZ("`ext-authz`", "ext-authz");

  private final String words;
  private final String first;
  private final String others;

  Teller(String words, String first, String... others) {
    this.words = words;
    this.first = first;
    this.others = String.join(",", others);
  }

  /** For people. */
  public String words() {
    return words;
  }

  /** Whether a process of this role tells it. */
  public boolean isRole(String role) {
    return first.equals(role) || Set.of(others.split(",", -1)).contains(role);
  }
}
