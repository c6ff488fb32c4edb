/**
 * A real Kubernetes API server and a real PostgreSQL on this machine, for run mode and for the
 * tests; never in the image.
 *
 * <p>Uses the JDK only, and for PostgreSQL its driver, its binaries and what unpacks them. Start
 * reading at {@link dev.workspaceoperator.env.KubeApiServer} and {@link
 * dev.workspaceoperator.env.EmbeddedDatabase}; where its programs come from is {@link
 * dev.workspaceoperator.env.KubeBinaries}. Linux and macOS.
 */
@NullMarked
package dev.workspaceoperator.env;

import org.jspecify.annotations.NullMarked;
