package dev.workspaceoperator.workspace;

/**
 * The newest row of a workspace's audit chain.
 *
 * @param seq its number, from 1; 0 for an empty chain
 * @param hash its hash as lower-case hex; empty for an empty chain
 */
public record AuditHead(long seq, String hash) {
  /** A chain without rows. */
  public static final AuditHead EMPTY = new AuditHead(0, "");
}
