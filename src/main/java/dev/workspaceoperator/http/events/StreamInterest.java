package dev.workspaceoperator.http.events;

/** What a stream tells. */
public enum StreamInterest {
  SETTINGS,
  SETTINGS_AND_USAGE
}
