package dev.workspaceoperator.gate;

import dev.workspaceoperator.gate.ledger.WorkspaceLedger;
import java.util.Collection;

/**
 * What a batch did besides the answers that it gave, for metrics.
 *
 * @param expiredRuns runs that it ended because their lease had ended
 * @param overcharges costs that it settled above their reservation
 * @param overchargedMicroUsd by how much, in all
 */
record BatchTally(int expiredRuns, int overcharges, long overchargedMicroUsd) {
  /** Nothing. */
  static final BatchTally NONE = new BatchTally(0, 0, 0);

  /** What these have decided together. */
  static BatchTally of(Collection<WorkspaceLedger> ledgers) {
    int expired = 0;
    int overcharges = 0;
    long overcharged = 0;
    for (WorkspaceLedger ledger : ledgers) {
      expired += ledger.expired();
      overcharges += ledger.overcharges();
      overcharged += ledger.overchargedMicroUsd();
    }
    return expired == 0 && overcharges == 0
        ? NONE
        : new BatchTally(expired, overcharges, overcharged);
  }
}
