package dev.workspaceoperator.workspace;

import java.util.Optional;

/** A fleet whose kill switch can be looked at without holding anybody up. */
public interface FleetStore extends Fleet {
  /** The platform's latch; empty while it is off. */
  Optional<KillLatch> killLatch();
}
