package dev.workspaceoperator.sql;

import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.ResourceIdentity;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a transaction has to tell the other processes once it is committed. */
public final class PendingNotifications {
  /** More do not fit into one notification, which holds less than 8,000 bytes. */
  private static final int REVOKED_MAX = 100;

  private final Map<ResourceIdentity, Long> changed = new HashMap<>();
  private final Set<ApiKeyDigest> revoked = new HashSet<>();
  private boolean freed;
  private boolean platformChanged;
  private final List<Runnable> onceCommitted = new ArrayList<>();

  /** A workspace is at this revision now. */
  public void changed(ResourceIdentity identity, long revision) {
    changed.merge(identity, revision, Math::max);
  }

  /** A slug or a key can be taken again. */
  public void freed() {
    freed = true;
  }

  /** This key was revoked. */
  public void revoked(ApiKeyDigest key) {
    revoked.add(key);
  }

  /** The Platform latch was engaged or released, which bears on every workspace. */
  public void platformChanged() {
    platformChanged = true;
  }

  /** Is to be done in this process alone once the transaction is committed, such as to log it. */
  public void onceCommitted(Runnable work) {
    onceCommitted.add(work);
  }

  /** It is committed. */
  void committed() {
    onceCommitted.forEach(Runnable::run);
  }

  /** Adds what somebody else has to tell other processes. */
  public void add(PendingNotifications other) {
    other.changed.forEach(this::changed);
    revoked.addAll(other.revoked);
    freed |= other.freed;
    platformChanged |= other.platformChanged;
  }

  public boolean isEmpty() {
    return changed.isEmpty() && revoked.isEmpty() && !freed && !platformChanged;
  }

  /** Of each workspace the newest revision. */
  public Map<ResourceIdentity, Long> changed() {
    return Collections.unmodifiableMap(changed);
  }

  public boolean isFreed() {
    return freed || revoked.size() > REVOKED_MAX;
  }

  /** The keys that were revoked; all of them only while {@link #isFreed} says no. */
  public Set<ApiKeyDigest> revoked() {
    return Collections.unmodifiableSet(revoked);
  }

  public boolean isPlatformChanged() {
    return platformChanged;
  }
}
