package dev.workspaceoperator.workspace.port;

import dev.workspaceoperator.workspace.KillLatch;
import java.util.Optional;

/** A fleet whose kill switch can be looked at without holding anybody up. */
public interface FleetStore extends Fleet {
  /** The platform's latch; empty while it is off. */
  Optional<KillLatch> killLatch();
}
