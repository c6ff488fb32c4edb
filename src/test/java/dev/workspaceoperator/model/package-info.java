/**
 * The contract as a program of its own: what a platform team, an on-call and an agent may expect of
 * a workspace, written from design.md §3 to §6 and §14 and not from the code, and held against the
 * running program.
 *
 * <p>A seeded script of kubectl and REST calls ({@link dev.workspaceoperator.model.NextActions}) is
 * told to the model ({@link dev.workspaceoperator.model.Model}, pure) and to the program on a real
 * API server and a real PostgreSQL ({@link dev.workspaceoperator.model.Program}); after each call
 * the answer and everything that can be read must be the same. A new field of a manifest belongs
 * into {@link dev.workspaceoperator.model.Field}, {@link dev.workspaceoperator.model.Spec} and the
 * script; then it is covered against every other. Start reading at {@code ModelIT}.
 */
@NullMarked
package dev.workspaceoperator.model;

import org.jspecify.annotations.NullMarked;
