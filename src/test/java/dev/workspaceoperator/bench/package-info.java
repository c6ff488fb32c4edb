/**
 * What the operator costs and how fast it is, measured on a real API server and a real PostgreSQL:
 * {@code ./mvnw -Pbench}. Start reading at {@link dev.workspaceoperator.bench.Bench}.
 */
@NullMarked
package dev.workspaceoperator.bench;

import org.jspecify.annotations.NullMarked;
