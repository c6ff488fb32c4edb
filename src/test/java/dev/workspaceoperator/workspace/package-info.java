/** Proves what the values of a workspace are, and where each setting is told. */
@NullMarked
package dev.workspaceoperator.workspace;

import org.jspecify.annotations.NullMarked;
