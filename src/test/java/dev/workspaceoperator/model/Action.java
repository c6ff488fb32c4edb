package dev.workspaceoperator.model;

import java.util.Map;
import java.util.Optional;

/** One call that somebody makes. */
sealed interface Action {
  /** The workspace that it is about. */
  String team();

  /** With what a manifest is changed. */
  enum Tool {
    KUBECTL,
    CLIENT
  }

  /** A manifest is made or changed. */
  record Apply(String team, Spec spec, Tool tool) implements Action {}

  /** A resource is deleted, and it is waited for. */
  record Delete(String team, Tool tool) implements Action {}

  /** PATCH of settings; an empty value is null. */
  record Patch(String team, Map<Field, Optional<Object>> fields) implements Action {}

  /** PATCH of what GET answered. */
  record SendBack(String team) implements Action {}

  /** The workspace's kill switch. */
  record Kill(String team, boolean active) implements Action {}

  /** The kill switch of the installation. */
  record KillAll(String team, boolean active) implements Action {}

  /** A time-boxed value is made; its label names it later. */
  record MakeOverride(String team, String label, Field field, Object value) implements Action {}

  /** It is taken away. */
  record EndOverride(String team, String label) implements Action {}

  /** Its time runs out. */
  record PassOverride(String team, String label) implements Action {}

  /** A key is made by the API. */
  record MakeKey(String team, String label) implements Action {}

  /** A key is revoked by the API. */
  record RevokeKey(String team, String label) implements Action {}

  /** A run asks to start; costs are in cents. */
  record Start(String team, String label, String user, Optional<Integer> maxCost)
      implements Action {}

  /** A step of it asks. */
  record Step(String team, String run, String label, int maxCost) implements Action {}

  /** The step's real cost. */
  record Settle(String team, String run, String label, int cost) implements Action {}

  /** The run ends. */
  record Finish(String team, String run, String outcome) implements Action {}
}
