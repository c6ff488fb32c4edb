/**
 * Work that goes on for as long as the process does: it is begun anew after a failure that nobody
 * foresaw, and counted. It may use {@code metric}; all but {@code workspace} and {@code metric} may
 * use it.
 *
 * <p>Start reading at {@link dev.workspaceoperator.loop.Loop}.
 */
@NullMarked
package dev.workspaceoperator.loop;

import org.jspecify.annotations.NullMarked;
