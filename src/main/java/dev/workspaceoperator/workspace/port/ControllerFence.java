package dev.workspaceoperator.workspace.port;

/**
 * The right of one controller process to write for its cluster, until another raises the epoch
 * (design.md §4, Fence).
 *
 * @param cluster {@code cluster.name}
 * @param epoch the epoch that this process raised when it won the Lease
 */
public record ControllerFence(String cluster, long epoch) {}
