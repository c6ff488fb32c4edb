package dev.workspaceoperator.store;

import dev.workspaceoperator.workspace.ResourceIdentity;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/** What a transaction has to tell the other processes once it is committed. */
final class News {
  private final Map<ResourceIdentity, Long> changed = new HashMap<>();
  private boolean freed;
  private boolean platformChanged;

  /** A workspace is at this revision now. */
  void changed(ResourceIdentity identity, long revision) {
    changed.merge(identity, revision, Math::max);
  }

  /** A slug or a key can be taken again. */
  void freed() {
    freed = true;
  }

  /** The Platform latch was engaged or released, which bears on every workspace. */
  void platformChanged() {
    platformChanged = true;
  }

  /** Adds what somebody else has to tell. */
  void add(News other) {
    other.changed.forEach(this::changed);
    freed |= other.freed;
    platformChanged |= other.platformChanged;
  }

  boolean isEmpty() {
    return changed.isEmpty() && !freed && !platformChanged;
  }

  /** Of each workspace the newest revision. */
  Map<ResourceIdentity, Long> changed() {
    return Collections.unmodifiableMap(changed);
  }

  boolean isFreed() {
    return freed;
  }

  boolean isPlatformChanged() {
    return platformChanged;
  }
}
