/**
 * The tests of each server that is promised, on every version of it: {@code ./mvnw -Pversions}.
 * Start reading at {@link dev.workspaceoperator.versions.Versions}.
 */
@NullMarked
package dev.workspaceoperator.versions;

import org.jspecify.annotations.NullMarked;
