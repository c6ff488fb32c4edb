/**
 * How what is bounded is shared out, so that whoever takes all he can leaves the others theirs
 * (design.md §12): places that are taken and given back, and a queue that is served in turn. It may
 * use {@code workspace}, {@code loop} and {@code metric}; all but those may use it.
 *
 * <p>Start reading at {@link dev.workspaceoperator.share.Shares}.
 */
@NullMarked
package dev.workspaceoperator.share;

import org.jspecify.annotations.NullMarked;
