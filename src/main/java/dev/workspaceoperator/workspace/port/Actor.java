package dev.workspaceoperator.workspace.port;

import java.util.Optional;

/**
 * Who asks for a change, for its audit row.
 *
 * @param name {@code api-key <name>}, {@code jwt <issuer> <subject>} …; never a secret
 * @param requestId the REST request; empty for a command
 */
public record Actor(String name, Optional<String> requestId) {}
