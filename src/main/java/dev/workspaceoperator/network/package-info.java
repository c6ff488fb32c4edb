/**
 * Addresses and networks, as they are written in settings. Knows nothing else of the program.
 *
 * <p>Start reading at {@link dev.workspaceoperator.network.Network}.
 */
@NullMarked
package dev.workspaceoperator.network;

import org.jspecify.annotations.NullMarked;
