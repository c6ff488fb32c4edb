package dev.workspaceoperator.storm;

/**
 * One operation that a client is going to ask for. It names runs and steps by chance, not by id:
 * which one that is depends on what was answered before.
 *
 * @param kind what to ask for
 * @param way how to send it
 * @param amount micro-USD, a cap, or whatever else is to be chosen, from 0
 * @param pick chooses a run or a step, from 0
 */
record PlannedCall(Kind kind, Way way, int amount, int pick) {
  /** What can be asked for. */
  enum Kind {
    START,
    STEP,
    /** A run of one step in one decision, settled at once for the most part. */
    CALL,
    SETTLE,
    HEARTBEAT,
    FINISH,
    CANCEL,
    /** The client forgets a run, which is left to its lease. */
    ABANDON,
    /** A key that stands for something, with another body. */
    REUSE_KEY,
    SET_BUDGET,
    SET_USER_BUDGET,
    SET_CAP,
    KILL,
    RELEASE,
    PLATFORM_KILL,
    PLATFORM_RELEASE
  }

  /** How a request is sent. */
  enum Way {
    /** Once, and its answer is waited for. */
    PLAIN,
    /** The connection is reset when the request is out, and the request is repeated. */
    ABORTED,
    /** Two replicas are asked the same at the same time. */
    TWIN
  }
}
