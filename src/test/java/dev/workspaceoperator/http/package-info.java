/** The REST API through HTTP, on a real PostgreSQL; every exchange is held to openapi.yaml. */
@NullMarked
package dev.workspaceoperator.http;

import org.jspecify.annotations.NullMarked;
