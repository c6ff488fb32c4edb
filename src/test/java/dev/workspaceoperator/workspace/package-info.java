/** Proves the rules, table by table. */
@NullMarked
package dev.workspaceoperator.workspace;

import org.jspecify.annotations.NullMarked;
