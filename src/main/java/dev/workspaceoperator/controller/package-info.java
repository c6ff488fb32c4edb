/**
 * The reconciler: brings what manifests declare into the store and reports back through status,
 * conditions and events.
 *
 * <p>It may use {@code workspace} (the rules and the store's ports) and {@code crd}; never {@code
 * http}, {@code gate} or {@code store}. Start reading at {@link
 * dev.workspaceoperator.controller.WorkspaceReconciler}; what it decides is in {@link
 * dev.workspaceoperator.controller.SyncDecision}, what it says in {@link
 * dev.workspaceoperator.controller.StatusRenderer}.
 */
@NullMarked
package dev.workspaceoperator.controller;

import org.jspecify.annotations.NullMarked;
