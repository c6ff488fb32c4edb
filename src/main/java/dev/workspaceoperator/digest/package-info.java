/**
 * The hash of keys, requests, entity tags and audit rows. Knows nothing else of the program.
 *
 * <p>Start reading at {@link dev.workspaceoperator.digest.Sha256}.
 */
@NullMarked
package dev.workspaceoperator.digest;

import org.jspecify.annotations.NullMarked;
