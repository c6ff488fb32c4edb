/**
 * The ledger: decides what is asked of a workspace, upon what a batch has read of it, and notes
 * what is to be written (design.md §7). Pure: no clock, no store, no thread.
 *
 * <p>Start reading at {@link dev.workspaceoperator.gate.ledger.WorkspaceLedger}; then {@link
 * dev.workspaceoperator.gate.ledger.Budgets}, which says what money admits.
 */
@NullMarked
package dev.workspaceoperator.gate.ledger;

import org.jspecify.annotations.NullMarked;
