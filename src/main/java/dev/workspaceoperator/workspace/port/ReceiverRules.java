package dev.workspaceoperator.workspace.port;

import dev.workspaceoperator.workspace.DeclaredReceiver;
import dev.workspaceoperator.workspace.ResourceIdentity;
import java.util.Optional;

/** What the installation lets workspaces name as receivers of their notifications. */
@FunctionalInterface
public interface ReceiverRules {
  /**
   * Why a receiver is sent nothing; empty if nothing speaks against it that can be known without a
   * look at its name's addresses.
   *
   * @return a sentence that says how to mend it, without a full stop
   */
  Optional<String> refusal(ResourceIdentity workspace, DeclaredReceiver receiver);
}
