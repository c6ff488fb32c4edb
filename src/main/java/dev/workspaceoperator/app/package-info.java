/**
 * The program and its roles: wiring, health and metrics. The only package that knows all others;
 * what an administrator does is in {@code app.command}, what can be said of each in {@code
 * app.option}. Start reading at {@link dev.workspaceoperator.app.Main}; what a role is made of is
 * in {@link dev.workspaceoperator.app.ControllerRole}.
 */
@NullMarked
package dev.workspaceoperator.app;

import org.jspecify.annotations.NullMarked;
