package dev.workspaceoperator.gate.ledger;

import java.util.UUID;

/**
 * What an Idempotency-Key of a workspace stands for. The answer itself is not kept: it is made
 * again from what of the effect never changes.
 *
 * @param fingerprint SHA-256 of the request
 * @param kind {@link #RUN}, {@link #STEP}, {@link #CALL}, or what is not the gate's
 * @param effectId what was made
 */
public record KeptAnswer(String fingerprint, String kind, UUID effectId) {
  /** The start of a run. */
  public static final String RUN = "run";

  /** The admission of a step. */
  public static final String STEP = "step";

  /** The admission of a call. */
  public static final String CALL = "call";

  /** Whether it stands for the same request. */
  public boolean isOf(String requestFingerprint, String requestKind) {
    return fingerprint.equals(requestFingerprint) && kind.equals(requestKind);
  }
}
