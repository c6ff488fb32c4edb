package dev.workspaceoperator.storm;

/**
 * Something that goes wrong.
 *
 * @param kind what
 * @param target chooses the replica, from 0
 * @param after how many admissions of the round come first
 */
record Blow(Kind kind, int target, long after) {
  /** What can go wrong. */
  enum Kind {
    /** SIGKILL for a replica. */
    REPLICA,
    /** SIGKILL for every process of PostgreSQL. */
    POSTGRES,
    /** PostgreSQL ends every session. */
    SESSIONS,
    /** SIGKILL for every process of the primary, which the standby then is. */
    PRIMARY_KILLED,
    /** SIGSTOP for every process of it; SIGCONT once another serves. */
    PRIMARY_STOPPED,
    /** No packet comes to it or from it; they do again once another serves. */
    PRIMARY_CUT_OFF,
    /** A replica of an earlier release is stopped, and one of this program takes its place. */
    UPGRADE
  }
}
