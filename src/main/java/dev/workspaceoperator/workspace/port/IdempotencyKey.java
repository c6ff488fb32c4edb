package dev.workspaceoperator.workspace.port;

/**
 * A caller's name for one effect (design.md §6): a repeated request with the same key and the same
 * fingerprint has no second effect.
 *
 * @param key as the caller sent it, 1..255 printable ASCII characters
 * @param fingerprint SHA-256 as lower-case hex of method, path and canonical body
 */
public record IdempotencyKey(String key, String fingerprint) {}
