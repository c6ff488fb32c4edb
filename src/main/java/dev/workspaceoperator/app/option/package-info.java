/**
 * The options that commands and roles share, from flags and from environment variables: read with
 * every mistake told at once.
 *
 * <p>May use what options are read into, and no other room of {@code app}. Start reading at {@link
 * dev.workspaceoperator.app.option.ConfigurationReader}.
 */
@NullMarked
package dev.workspaceoperator.app.option;

import org.jspecify.annotations.NullMarked;
