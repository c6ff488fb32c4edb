/**
 * The console: one page for people, made of files that are in this program, and what it must know
 * before anybody has signed in. All it shows comes by the REST API.
 *
 * <p>Besides what {@code http} may use: {@code http.server}. Start reading at {@link
 * dev.workspaceoperator.http.console.ConsoleResource}; the page itself is {@code
 * src/main/resources/console}, where reading starts at {@code main.js}.
 */
@NullMarked
package dev.workspaceoperator.http.console;

import org.jspecify.annotations.NullMarked;
