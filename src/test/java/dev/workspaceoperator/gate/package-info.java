/** Tests of the gate: the rules alone, and the whole on a real PostgreSQL. */
@NullMarked
package dev.workspaceoperator.gate;

import org.jspecify.annotations.NullMarked;
