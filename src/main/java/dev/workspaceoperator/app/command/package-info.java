/**
 * The administrator's commands: each does one task with the database, and ends.
 *
 * <p>May use {@code app.option} and what knows the database, and not the roles, which are in {@code
 * app}. Start reading at {@link dev.workspaceoperator.app.command.KillSwitchCommand}.
 */
@NullMarked
package dev.workspaceoperator.app.command;

import org.jspecify.annotations.NullMarked;
