/**
 * Who is asking: API keys and tokens of other issuers.
 *
 * <p>It may use {@code workspace}, {@code share}, {@code loop} and {@code digest}. Start reading at
 * {@link dev.workspaceoperator.auth.CredentialAuthenticator}.
 */
@NullMarked
package dev.workspaceoperator.auth;

import org.jspecify.annotations.NullMarked;
