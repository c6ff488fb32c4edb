/**
 * Holds the running server to {@code openapi.yaml}. Start reading at {@link
 * dev.workspaceoperator.contract.OpenApiContract}; tests talk to a server through {@link
 * dev.workspaceoperator.contract.ApiClient}, which checks every exchange.
 */
@NullMarked
package dev.workspaceoperator.contract;

import org.jspecify.annotations.NullMarked;
