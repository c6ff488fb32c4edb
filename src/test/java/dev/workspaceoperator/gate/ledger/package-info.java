/** Proves the ledger alone, table by table. */
@NullMarked
package dev.workspaceoperator.gate.ledger;

import org.jspecify.annotations.NullMarked;
