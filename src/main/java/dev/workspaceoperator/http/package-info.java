/**
 * The REST API (design.md §6): its resources, and the server that they are put together to. Knows
 * HTTP and JSON, and nothing of PostgreSQL or Kubernetes.
 *
 * <p>Uses the ports and values of {@code workspace}, {@code auth} to learn who asks, {@code share},
 * {@code loop} and {@code digest}, and its own rooms {@code connections}, {@code server}, {@code
 * view} and {@code events}.
 *
 * <p>Start reading at {@link dev.workspaceoperator.http.server.HttpApi}, which every request passes
 * through; then a resource, such as {@link dev.workspaceoperator.http.WorkspaceResource}.
 */
@NullMarked
package dev.workspaceoperator.http;

import org.jspecify.annotations.NullMarked;
