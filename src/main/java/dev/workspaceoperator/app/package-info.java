/**
 * The program: commands, configuration, wiring, health and metrics. The only package that knows all
 * others. Start reading at {@link dev.workspaceoperator.app.Main}; what a role is made of is in
 * {@link dev.workspaceoperator.app.ControllerRole}.
 */
@NullMarked
package dev.workspaceoperator.app;

import org.jspecify.annotations.NullMarked;
