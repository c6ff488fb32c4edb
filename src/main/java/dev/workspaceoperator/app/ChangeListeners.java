package dev.workspaceoperator.app;

import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.port.WorkspaceChanges;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells several of each change, in their order.
 *
 * @param listeners one that fails keeps none of the others from hearing
 */
record ChangeListeners(List<WorkspaceChanges> listeners) implements WorkspaceChanges {
  private static final Logger log = LoggerFactory.getLogger(ChangeListeners.class);

  ChangeListeners {
    listeners = List.copyOf(listeners);
  }

  @Override
  public void changed(ResourceIdentity identity, long revision) {
    tell(listener -> listener.changed(identity, revision));
  }

  @Override
  public void freed() {
    tell(WorkspaceChanges::freed);
  }

  @Override
  public void revoked(Set<ApiKeyDigest> keys) {
    tell(listener -> listener.revoked(keys));
  }

  @Override
  public void platformChanged() {
    tell(WorkspaceChanges::platformChanged);
  }

  @Override
  public void resync() {
    tell(WorkspaceChanges::resync);
  }

  private void tell(Consumer<WorkspaceChanges> what) {
    for (WorkspaceChanges listener : listeners) {
      try {
        what.accept(listener);
      } catch (RuntimeException e) {
        log.atError()
            .addKeyValue("listener", listener.getClass().getSimpleName())
            .setCause(e)
            .log("A change could not be handled");
      }
    }
  }
}
