package dev.workspaceoperator.app.command;

/**
 * Exit codes of the commands that judge a database. They tell "something is wrong in it" from
 * "nothing can be said about it", so that a job that runs them can raise the right alarm.
 */
final class Verdict {
  static final int CLEAN = 0;
  static final int DISAGREES = 1;

  /** Also what any failure of the command itself ends with. */
  static final int UNKNOWN = 3;

  static final String HEADING = "%nExit codes:%n";
  static final String CLEAN_MEANS = "0:everything is as it should be";
  static final String DISAGREES_MEANS = "1:something is not; it is printed";
  static final String USAGE_MEANS = "2:wrong usage";
  static final String UNKNOWN_MEANS =
      "3:nothing can be said: the database is away, or has not this version's schema, or the"
          + " command failed";

  private Verdict() {}
}
