package dev.workspaceoperator.controller;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.stream.Stream;

/**
 * Keeps a resource without what the reconciler never reads ({@code managedFields}, the copy of the
 * manifest that kubectl adds), which is most of its memory.
 */
final class SlimItemStore<V extends HasMetadata> implements ItemStore<V> {
  private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

  private final ItemStore<V> items = new BasicItemStore<>(Cache::metaNamespaceKeyFunc);

  @Override
  public String getKey(V item) {
    return items.getKey(item);
  }

  @Override
  public V put(String key, V item) {
    item.getMetadata().setManagedFields(null);
    if (item.getMetadata().getAnnotations() != null) {
      item.getMetadata().getAnnotations().remove(LAST_APPLIED);
    }
    return items.put(key, item);
  }

  @Override
  public V remove(String key) {
    return items.remove(key);
  }

  @Override
  public Stream<String> keySet() {
    return items.keySet();
  }

  @Override
  public Stream<V> values() {
    return items.values();
  }

  @Override
  public int size() {
    return items.size();
  }

  @Override
  public V get(String key) {
    return items.get(key);
  }
}
