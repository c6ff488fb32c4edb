/**
 * From a request to its answer, whatever is asked: routes, places, sign-in, bodies, problem
 * details, the log of requests.
 *
 * <p>Besides what {@code http} may use: {@code http.connections}. Start reading at {@link
 * dev.workspaceoperator.http.server.HttpApi}, which every request passes through.
 */
@NullMarked
package dev.workspaceoperator.http.server;

import org.jspecify.annotations.NullMarked;
