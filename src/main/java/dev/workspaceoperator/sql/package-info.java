/**
 * How this program speaks to PostgreSQL: connections and what their sessions are set to, statements
 * and pipelines by name, columns, error states, partitions, notifications that go out after a
 * commit, and what the rows of a workspace say.
 *
 * <p>May use {@code workspace} and {@code loop}, nothing else of this program. SQL lives in {@code
 * src/main/resources/sql}, one statement a file, and what several statements share in {@code
 * src/main/resources/sql-parts}. Start reading at {@link dev.workspaceoperator.sql.Database}.
 */
@NullMarked
package dev.workspaceoperator.sql;

import org.jspecify.annotations.NullMarked;
