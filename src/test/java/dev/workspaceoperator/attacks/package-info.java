/**
 * Attacks of one workspace, or of a stranger, on another one of the same lane: {@code ./mvnw
 * -Pattacks}. Start reading at {@link dev.workspaceoperator.attacks.Attacks}.
 */
@NullMarked
package dev.workspaceoperator.attacks;

import org.jspecify.annotations.NullMarked;
