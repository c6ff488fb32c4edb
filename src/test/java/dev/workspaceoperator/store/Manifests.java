package dev.workspaceoperator.store;

import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.Budget;
import dev.workspaceoperator.workspace.DeclaredApiKey;
import dev.workspaceoperator.workspace.DeclaredReceiver;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.DeletionPolicy;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.ResourceIdentity;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.SettingValues;
import dev.workspaceoperator.workspace.TestSettings;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** Manifests for tests: each change makes the next generation. */
final class Manifests {
  static final String CLUSTER = "default";
  private static final AtomicInteger COUNTER = new AtomicInteger();

  private Manifests() {}

  /** A workspace that no other test has, with nothing in its spec. */
  static Manifest fresh() {
    return named(CLUSTER, "team", "ws-" + COUNTER.incrementAndGet());
  }

  static Manifest named(String cluster, String namespace, String name) {
    return new Manifest(
        new ResourceIdentity(cluster, namespace, name),
        "uid-" + cluster + "-" + namespace + "-" + name,
        1,
        name,
        DeclaredSettings.NONE,
        DeletionPolicy.RETAIN,
        List.of(),
        List.of());
  }

  static Manifest next(Manifest manifest, DeclaredSettings settings) {
    return new Manifest(
        manifest.identity(),
        manifest.uid(),
        manifest.generation() + 1,
        manifest.slug(),
        settings,
        manifest.deletionPolicy(),
        manifest.apiKeys(),
        manifest.notifications());
  }

  static Manifest withGeneration(Manifest manifest, long generation) {
    return new Manifest(
        manifest.identity(),
        manifest.uid(),
        generation,
        manifest.slug(),
        manifest.settings(),
        manifest.deletionPolicy(),
        manifest.apiKeys(),
        manifest.notifications());
  }

  static Manifest withUid(Manifest manifest, String uid) {
    return new Manifest(
        manifest.identity(),
        uid,
        1,
        manifest.slug(),
        manifest.settings(),
        manifest.deletionPolicy(),
        manifest.apiKeys(),
        manifest.notifications());
  }

  static Manifest withSlug(Manifest manifest, String slug) {
    return new Manifest(
        manifest.identity(),
        manifest.uid(),
        manifest.generation() + 1,
        slug,
        manifest.settings(),
        manifest.deletionPolicy(),
        manifest.apiKeys(),
        manifest.notifications());
  }

  /** The same with {@code deletionPolicy: Delete}. */
  static Manifest deletable(Manifest manifest) {
    return new Manifest(
        manifest.identity(),
        manifest.uid(),
        manifest.generation() + 1,
        manifest.slug(),
        manifest.settings(),
        DeletionPolicy.DELETE,
        manifest.apiKeys(),
        manifest.notifications());
  }

  static Manifest withReceivers(Manifest manifest, DeclaredReceiver... receivers) {
    return new Manifest(
        manifest.identity(),
        manifest.uid(),
        manifest.generation() + 1,
        manifest.slug(),
        manifest.settings(),
        manifest.deletionPolicy(),
        manifest.apiKeys(),
        List.of(receivers));
  }

  static Manifest withKeys(Manifest manifest, DeclaredApiKey... keys) {
    return new Manifest(
        manifest.identity(),
        manifest.uid(),
        manifest.generation() + 1,
        manifest.slug(),
        manifest.settings(),
        manifest.deletionPolicy(),
        List.of(keys),
        manifest.notifications());
  }

  /** Plan Scale with a daily budget. */
  static DeclaredSettings budget(String usd) {
    return new DeclaredSettings(
        Plan.SCALE,
        TestSettings.values(
            Optional.empty(),
            Optional.of(Budget.ofUsd(new BigDecimal(usd))),
            Optional.empty(),
            Optional.empty()),
        Optional.empty(),
        Optional.empty());
  }

  /** Plan Scale with the declared latch on. */
  static DeclaredSettings killed(String reason) {
    return new DeclaredSettings(
        Plan.SCALE, SettingValues.NONE, Optional.of(true), Optional.of(reason));
  }

  static DeclaredApiKey key(String name, String secret, Scope... scopes) {
    return new DeclaredApiKey(name, digest(secret), Set.of(scopes), Optional.empty());
  }

  static ApiKeyDigest digest(String secret) {
    try {
      return new ApiKeyDigest(
          HexFormat.of()
              .formatHex(
                  MessageDigest.getInstance("SHA-256")
                      .digest(secret.getBytes(StandardCharsets.UTF_8))));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
