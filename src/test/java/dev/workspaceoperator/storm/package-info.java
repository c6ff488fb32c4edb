/**
 * The model checker of the gate: clients that ask at random, replicas and a PostgreSQL that are
 * killed meanwhile, and a judge that holds the database against what was acknowledged: {@code
 * ./mvnw -Pstorm}. Start reading at {@link dev.workspaceoperator.storm.Storm}.
 */
@NullMarked
package dev.workspaceoperator.storm;

import org.jspecify.annotations.NullMarked;
