/**
 * What a workspace is: plans and settings, exact money, the layers of a setting and how they
 * resolve, the kill switch and its latches, runs and steps. The rules on them are in {@code rule},
 * and the ports through which the other packages reach the store in {@code port}.
 *
 * <p>Pure: no clock, no database, no client, no framework. Time comes in as a parameter. Nothing
 * here may depend on another package of this program. Start reading at {@link
 * dev.workspaceoperator.workspace.Setting} (what can be set) and {@link
 * dev.workspaceoperator.workspace.EffectiveSettings} (what is in force, and why?).
 */
@NullMarked
package dev.workspaceoperator.workspace;

import org.jspecify.annotations.NullMarked;
