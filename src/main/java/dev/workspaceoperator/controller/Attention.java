package dev.workspaceoperator.controller;

import dev.workspaceoperator.crd.Workspace;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.port.WorkspaceChanges;
import io.javaoperatorsdk.operator.api.reconciler.IndexedResourceCache;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Which Workspaces want a look, for a reason that is not in their manifest: the store has another
 * revision, a slug or a key that they wait for was freed, the store is back.
 */
final class Attention implements WorkspaceChanges {
  private static final long UNSTORED = 0;

  private final SimpleInboundEventSource<Workspace> source =
      new SimpleInboundEventSource<>("store-changes");
  private final Map<ResourceIdentity, Long> revisions = new ConcurrentHashMap<>();
  private final Map<ResourceIdentity, Long> announcedWhileSyncing = new ConcurrentHashMap<>();
  private final Set<ResourceIdentity> waiting = ConcurrentHashMap.newKeySet();
  private final Map<ResourceIdentity, Long> behindSinceNanos = new ConcurrentHashMap<>();
  private volatile Optional<IndexedResourceCache<Workspace>> informed = Optional.empty();

  /** The event source through which a look is asked for. */
  SimpleInboundEventSource<Workspace> eventSource() {
    return source;
  }

  /** Tells where the informer keeps what it knows. */
  void informedBy(IndexedResourceCache<Workspace> cache) {
    informed = Optional.of(cache);
  }

  /** Every resource that the informer knows; none before it has listed any. */
  Stream<Workspace> cached() {
    return informed.stream().flatMap(IndexedResourceCache::list);
  }

  /** Since when the oldest change waits that no status shows yet; none for no such change. */
  Duration behind() {
    long now = System.nanoTime();
    long longest = 0;
    for (long since : behindSinceNanos.values()) {
      longest = Math.max(longest, now - since);
    }
    return Duration.ofNanos(longest);
  }

  /** Whether the informer knows a resource of this identity. */
  boolean isCached(ResourceIdentity identity) {
    return informed.flatMap(cache -> cache.get(resourceId(identity))).isPresent();
  }

  /** This Workspace was dealt with as of a revision of the store. */
  void seen(ResourceIdentity identity, Optional<Long> revision, Optional<Stall> stall) {
    revisions.put(identity, revision.orElse(UNSTORED));
    behindSinceNanos.remove(identity);
    if (stall.isPresent()) {
      waiting.add(identity);
    } else {
      waiting.remove(identity);
    }
  }

  /**
   * A write of this Workspace begins. Its own announcement, which comes back from the store, must
   * not make for another look: what is announced until {@link #synced} is judged then.
   */
  void syncing(ResourceIdentity identity) {
    announcedWhileSyncing.put(identity, UNSTORED);
  }

  /** The write has ended; empty if it is not known which revision it left. */
  void synced(ResourceIdentity identity, Optional<Long> revision) {
    revision.ifPresent(written -> revisions.put(identity, written));
    Long announced = announcedWhileSyncing.remove(identity);
    if (announced != null && announced > revision.orElse(UNSTORED)) {
      fallBehind(identity);
      request(identity);
    }
  }

  /** This Workspace was found, but not dealt with. */
  void met(ResourceIdentity identity) {
    revisions.putIfAbsent(identity, UNSTORED);
  }

  /** This Workspace is gone. */
  void gone(ResourceIdentity identity) {
    revisions.remove(identity);
    behindSinceNanos.remove(identity);
    waiting.remove(identity);
  }

  private void fallBehind(ResourceIdentity identity) {
    behindSinceNanos.putIfAbsent(identity, System.nanoTime());
  }

  /** The revision that was last dealt with; empty for a Workspace that was never met. */
  Optional<Long> lastSeen(ResourceIdentity identity) {
    return Optional.ofNullable(revisions.get(identity));
  }

  /** Asks for a look at a Workspace. */
  void request(ResourceIdentity identity) {
    source.propagateEvent(resourceId(identity));
  }

  static ResourceID resourceId(ResourceIdentity identity) {
    return new ResourceID(identity.name(), identity.namespace());
  }

  @Override
  public void changed(ResourceIdentity identity, long revision) {
    boolean held =
        announcedWhileSyncing.computeIfPresent(
                identity, (_, announced) -> Math.max(announced, revision))
            != null;
    if (held) {
      return;
    }
    boolean news = lastSeen(identity).filter(seen -> seen < revision).isPresent();
    if (news) {
      fallBehind(identity);
      request(identity);
    }
  }

  @Override
  public void freed() {
    waiting.forEach(this::request);
  }

  @Override
  public void resync() {
    revisions.keySet().forEach(this::request);
  }
}
