/**
 * The ports: what the reconciler, the REST API and the commands ask of the store and of the gate,
 * with what they hand in, are given and may be refused.
 *
 * <p>Interfaces, and the records and exceptions that only they use; whoever implements one says in
 * which package. Start reading at {@link dev.workspaceoperator.workspace.port.Admissions} (the
 * gate) and {@link dev.workspaceoperator.workspace.port.DeclaredStore} (what a manifest says).
 */
@NullMarked
package dev.workspaceoperator.workspace.port;

import org.jspecify.annotations.NullMarked;
