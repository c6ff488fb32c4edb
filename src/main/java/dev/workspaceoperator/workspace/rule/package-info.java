/**
 * The rules: what a plan allows, what a manifest, a PATCH or an override may change, how a kill
 * switch is engaged and released, and what gives more money and so needs a permission.
 *
 * <p>Pure functions over the values of {@code workspace}; they know no port. Start reading at
 * {@link dev.workspaceoperator.workspace.rule.PlanGate} (may this plan make this change?).
 */
@NullMarked
package dev.workspaceoperator.workspace.rule;

import org.jspecify.annotations.NullMarked;
