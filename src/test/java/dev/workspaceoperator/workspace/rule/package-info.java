/** Proves the rules, table by table. */
@NullMarked
package dev.workspaceoperator.workspace.rule;

import org.jspecify.annotations.NullMarked;
