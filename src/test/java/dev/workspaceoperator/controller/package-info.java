/** Proves what the reconciler decides and says, table by table. */
@NullMarked
package dev.workspaceoperator.controller;

import org.jspecify.annotations.NullMarked;
