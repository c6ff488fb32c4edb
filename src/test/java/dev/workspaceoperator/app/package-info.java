/** Run mode, and tests of the whole program on real servers. */
@NullMarked
package dev.workspaceoperator.app;

import org.jspecify.annotations.NullMarked;
