package dev.workspaceoperator.store;

import dev.workspaceoperator.workspace.AuditHead;
import java.util.UUID;

/**
 * A row that a chain must have, as somebody noted it down earlier.
 *
 * @param chain a workspace's id, or {@link AuditChain#INSTALLATION}
 */
public record ExpectedHead(UUID chain, AuditHead head) {}
