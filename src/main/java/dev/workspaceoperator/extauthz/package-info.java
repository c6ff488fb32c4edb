/**
 * The role {@code ext-authz}: Envoy asks here before it lets a request of a model through, and
 * tells here what became of it (design.md §16). What is asked becomes a call, or a step of the run
 * that the request names; the access log settles it.
 *
 * <p>May use {@code workspace} and its ports, {@code auth}, {@code share}, {@code loop}, and of
 * {@code http.server} what refusals are told with: who signs in and why something is refused is
 * said once for both doors. Start reading at {@link dev.workspaceoperator.extauthz.CheckService}.
 */
@NullMarked
package dev.workspaceoperator.extauthz;

import org.jspecify.annotations.NullMarked;
