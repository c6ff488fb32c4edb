/**
 * PostgreSQL: the workspaces and the layers of their settings, API keys, the audit chain, and the
 * feed of changes. The only package that speaks SQL about settings.
 *
 * <p>Implements ports of {@code workspace} and may use that package, {@code sql}, {@code loop} and
 * {@code digest}, nothing else of this program. SQL lives in {@code src/main/resources/sql}, one
 * statement a file; the schema in {@code src/main/resources/db/migration}. Start reading at {@link
 * dev.workspaceoperator.store.PostgresDeclaredStore}.
 */
@NullMarked
package dev.workspaceoperator.store;

import org.jspecify.annotations.NullMarked;
