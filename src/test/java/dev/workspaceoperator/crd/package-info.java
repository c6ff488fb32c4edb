/** Generates the CRD and proves it, together with the reader of manifests. */
@NullMarked
package dev.workspaceoperator.crd;

import org.jspecify.annotations.NullMarked;
