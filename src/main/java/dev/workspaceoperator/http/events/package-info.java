/**
 * Streams of events: who follows what, and how a change reaches them.
 *
 * <p>Besides what {@code http} may use: {@code http.server} and {@code http.view}. Start reading at
 * {@link dev.workspaceoperator.http.events.ChangeHub}.
 */
@NullMarked
package dev.workspaceoperator.http.events;

import org.jspecify.annotations.NullMarked;
