/**
 * The console in a real Chromium, on the real API. Start reading at {@link
 * dev.workspaceoperator.console.ConsoleIT}; a page is driven by {@link
 * dev.workspaceoperator.console.Tab}.
 */
@NullMarked
package dev.workspaceoperator.console;

import org.jspecify.annotations.NullMarked;
