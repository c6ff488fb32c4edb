package dev.workspaceoperator.workspace.port;

/**
 * What a request made.
 *
 * @param value as it was made
 * @param replayed whether an earlier request with the same {@link IdempotencyKey} made it
 */
public record Created<T>(T value, boolean replayed) {}
