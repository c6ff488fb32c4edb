/** The chart, what it renders, and what a cluster makes of it. Start reading at {@link Chart}. */
@NullMarked
package dev.workspaceoperator.helm;

import org.jspecify.annotations.NullMarked;
