@NullMarked
package dev.workspaceoperator.loop;

import org.jspecify.annotations.NullMarked;
