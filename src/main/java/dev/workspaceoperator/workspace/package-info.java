/**
 * The rules: plans and what they allow, exact money, the layers of a setting and how they resolve,
 * the kill switch and its latches; and the ports through which the other packages reach the store.
 *
 * <p>Pure: no clock, no database, no client, no framework. Time comes in as a parameter. Nothing
 * here may depend on another package of this program. Start reading at {@link
 * dev.workspaceoperator.workspace.PlanGate} (may this plan make this change?) and {@link
 * dev.workspaceoperator.workspace.EffectiveSettings} (what is in force, and why?).
 */
@NullMarked
package dev.workspaceoperator.workspace;

import org.jspecify.annotations.NullMarked;
