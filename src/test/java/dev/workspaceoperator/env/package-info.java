/**
 * A real Kubernetes API server on this machine, for run mode and for the tests; never in the image.
 *
 * <p>Uses the JDK only. Start reading at {@link dev.workspaceoperator.env.KubeApiServer}; where its
 * programs come from is {@link dev.workspaceoperator.env.KubeBinaries}. Linux and macOS.
 */
@NullMarked
package dev.workspaceoperator.env;

import org.jspecify.annotations.NullMarked;
