/** Tests of the store on a real PostgreSQL. Start reading at {@code SyncStoreIT}. */
@NullMarked
package dev.workspaceoperator.store;

import org.jspecify.annotations.NullMarked;
