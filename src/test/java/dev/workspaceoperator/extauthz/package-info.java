/** Tests of what Envoy asks and tells; through a real Envoy see {@code app.EnvoyIT}. */
@NullMarked
package dev.workspaceoperator.extauthz;

import org.jspecify.annotations.NullMarked;
