/**
 * The gate: every run and every step is admitted or refused here, exactly, many in one transaction
 * (design.md §7). It may use {@code workspace}, {@code loop}, {@code share} and {@code sql}, and
 * has its decisions made by {@code gate.ledger}; only {@code app} knows it.
 *
 * <p>Start reading at {@link dev.workspaceoperator.gate.ledger.WorkspaceLedger}, which decides and
 * is pure; then {@link dev.workspaceoperator.gate.Lane}, which makes one transaction of what is
 * waiting.
 */
@NullMarked
package dev.workspaceoperator.gate;

import org.jspecify.annotations.NullMarked;
