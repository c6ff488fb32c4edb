/** Addresses and networks, as they are written in settings. */
@NullMarked
package dev.workspaceoperator.network;

import org.jspecify.annotations.NullMarked;
