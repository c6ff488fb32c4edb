/**
 * What a workspace, a run, a call and usage look like in JSON.
 *
 * <p>Besides what {@code http} may use: {@code http.server}. Start reading at {@link
 * dev.workspaceoperator.http.view.WorkspaceView}.
 */
@NullMarked
package dev.workspaceoperator.http.view;

import org.jspecify.annotations.NullMarked;
