/**
 * The custom resource {@code Workspace} of Kubernetes: its Java types, from which the CRD in {@code
 * crds/} is generated, and the reader that turns one into the program's own terms.
 *
 * <p>A spec is read as loosely as JSON allows, because a cluster may hold resources that no schema
 * ever checked, and one bad resource must not hide the others from an informer. {@link
 * dev.workspaceoperator.crd.ManifestReader} then tells everything that is wrong with it at once;
 * start reading there.
 *
 * <p>May use {@code workspace}, and nothing else of this program.
 */
@NullMarked
package dev.workspaceoperator.crd;

import org.jspecify.annotations.NullMarked;
