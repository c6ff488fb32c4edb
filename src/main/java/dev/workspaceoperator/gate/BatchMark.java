package dev.workspaceoperator.gate;

import java.util.UUID;

/**
 * The name of a batch, written in its transaction: after a lost COMMIT it tells what became of it.
 *
 * @param laneId of the lane, made when the process started
 * @param batch rises within the lane
 */
record BatchMark(UUID laneId, long batch) {}
