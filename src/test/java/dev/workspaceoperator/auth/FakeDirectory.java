package dev.workspaceoperator.auth;

import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.port.StoreUnavailableException;
import dev.workspaceoperator.workspace.port.WorkspaceDirectory;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Keys and workspaces in memory, with a count of the questions and a switch that turns it off. */
final class FakeDirectory implements WorkspaceDirectory {
  private final FakeTime time;
  private final Map<ApiKeyDigest, KeyHolder> keys = new ConcurrentHashMap<>();
  private final Map<String, UUID> slugs = new ConcurrentHashMap<>();
  private final Map<String, List<Member>> namespaces = new ConcurrentHashMap<>();
  private final AtomicInteger queries = new AtomicInteger();
  private volatile boolean down;
  private volatile Runnable duringQuery = () -> {};
  private volatile Runnable duringQueryOfStrangers = () -> {};

  FakeDirectory(FakeTime time) {
    this.time = time;
  }

  ApiKey key(UUID workspaceId, Optional<Instant> expiresAt, Scope... scopes) {
    return key(Optional.of(workspaceId), expiresAt, scopes);
  }

  ApiKey fleetKey(Scope... scopes) {
    return key(Optional.empty(), Optional.empty(), scopes);
  }

  private ApiKey key(Optional<UUID> workspaceId, Optional<Instant> expiresAt, Scope... scopes) {
    ApiKey key = ApiKey.generate(new SecureRandom());
    keys.put(
        key.digest(),
        new KeyHolder(UUID.randomUUID(), "ci", workspaceId, Set.of(scopes), expiresAt));
    return key;
  }

  void revoke(ApiKey key) {
    keys.remove(key.digest());
  }

  UUID workspace(String slug) {
    return slugs.computeIfAbsent(slug, s -> UUID.randomUUID());
  }

  void workspace(String slug, UUID id) {
    slugs.put(slug, id);
  }

  UUID workspace(String cluster, String namespace, String slug) {
    UUID id = workspace(slug);
    namespaces
        .computeIfAbsent(cluster + "/" + namespace, k -> new ArrayList<>())
        .add(new Member(slug, id));
    return id;
  }

  void goDown() {
    down = true;
  }

  void duringQuery(Runnable action) {
    duringQuery = action;
  }

  /** What is asked in the line of strangers does this first. */
  void duringQueryOfStrangers(Runnable action) {
    duringQueryOfStrangers = action;
  }

  int queries() {
    return queries.get();
  }

  @Override
  public Optional<KeyHolder> keyHolder(ApiKeyDigest digest, Line line) {
    Optional<KeyHolder> holder =
        Optional.ofNullable(keys.get(digest))
            .filter(
                found -> found.expiresAt().map(end -> time.instant().isBefore(end)).orElse(true));
    asked(line);
    return holder;
  }

  @Override
  public Optional<UUID> withId(UUID workspaceId, Line line) {
    asked(line);
    return slugs.containsValue(workspaceId) ? Optional.of(workspaceId) : Optional.empty();
  }

  @Override
  public Optional<UUID> withSlug(String slug, Line line) {
    asked(line);
    return Optional.ofNullable(slugs.get(slug));
  }

  @Override
  public List<Member> inNamespace(String cluster, String namespace, Line line) {
    asked(line);
    return List.copyOf(namespaces.getOrDefault(cluster + "/" + namespace, List.of()));
  }

  private void asked(Line line) {
    queries.incrementAndGet();
    if (down) {
      throw new StoreUnavailableException("down", new IOException("down"));
    }
    duringQuery.run();
    if (line == Line.STRANGERS) {
      duringQueryOfStrangers.run();
    }
  }
}
