@org.jspecify.annotations.NullMarked
package dev.workspaceoperator.workspace;
