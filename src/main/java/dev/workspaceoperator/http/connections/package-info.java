/**
 * Connections of clients: how many there are and whose, how long each may take, what is read of
 * them, and behind which proxies they come. Knows nothing of what is asked.
 *
 * <p>Start reading at {@link dev.workspaceoperator.http.connections.WatchedConnection}.
 */
@NullMarked
package dev.workspaceoperator.http.connections;

import org.jspecify.annotations.NullMarked;
