package dev.workspaceoperator.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.workspaceoperator.digest.Sha256;
import dev.workspaceoperator.sql.CanonicalJson;
import dev.workspaceoperator.sql.ReceiverJson;
import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.DeclaredApiKey;
import dev.workspaceoperator.workspace.DeclaredReceiver;
import dev.workspaceoperator.workspace.DeclaredSettings;
import dev.workspaceoperator.workspace.DeletionPolicy;
import dev.workspaceoperator.workspace.Manifest;
import dev.workspaceoperator.workspace.Plan;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.Setting;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.StoredWorkspace.State;
import dev.workspaceoperator.workspace.port.Gathered;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a manifest changes in its workspace. Pure.
 *
 * @param state what the workspace is then
 * @param entries one audit row a changed field; empty if nothing changed
 * @param keys the manifest's keys that this workspace may have
 * @param keysChanged whether a key was added, changed or removed
 * @param freed whether a slug or a digest is given up, so that somebody else may have it
 */
record DeclaredChange(
    State state,
    List<AuditEntry> entries,
    List<DeclaredApiKey> keys,
    boolean keysChanged,
    boolean freed) {

  static DeclaredChange of(Manifest manifest, State state, Gathered before) {
    String actor =
        state == State.PRESENT
            ? "manifest %s generation %d".formatted(manifest.uid(), manifest.generation())
            : deletionOf(manifest.uid());
    Optional<StoredWorkspace> stored = before.workspace();
    Fields fields = new Fields(actor, AuditLayer.DECLARED);
    fields.compare("state", stored.map(it -> stateJson(it.state())), Optional.of(stateJson(state)));
    Optional<String> slug =
        state == State.ARCHIVED ? Optional.empty() : Optional.of(manifest.slug());
    fields.compare(
        "slug",
        stored.flatMap(StoredWorkspace::slug).map(CanonicalJson::text),
        slug.map(CanonicalJson::text));
    fields.compare(
        "deletion_policy",
        stored.map(it -> policyJson(it.deletionPolicy())),
        Optional.of(policyJson(manifest.deletionPolicy())));
    compareSettings(fields, stored, manifest.settings());
    List<DeclaredApiKey> keys = ownKeys(manifest, before.foreignKeys());
    List<DeclaredApiKey> storedKeys = stored.map(StoredWorkspace::declaredKeys).orElse(List.of());
    boolean keysChanged = compareKeys(fields, storedKeys, keys);
    compareReceivers(
        fields,
        stored.map(StoredWorkspace::notifications).orElse(List.of()),
        manifest.notifications());
    return new DeclaredChange(
        state,
        fields.entries,
        keys,
        keysChanged,
        isFreed(slug, stored) || digestFreed(storedKeys, keys));
  }

  /** Who changes a workspace because its resource goes. */
  static String deletionOf(String resourceUid) {
    return "deletion of manifest " + resourceUid;
  }

  static String stateJson(State state) {
    return CanonicalJson.text(
        switch (state) {
          case PRESENT -> "Present";
          case FROZEN -> "Frozen";
          case ARCHIVED -> "Archived";
        });
  }

  private static String policyJson(DeletionPolicy policy) {
    return CanonicalJson.text(policy.label());
  }

  private static void compareSettings(
      Fields fields, Optional<StoredWorkspace> stored, DeclaredSettings wanted) {
    Optional<DeclaredSettings> had = stored.map(it -> it.layers().declared());
    fields.compare(
        "plan", had.map(it -> planJson(it.plan())), Optional.of(planJson(wanted.plan())));
    for (Setting setting : Setting.values()) {
      fields.compare(
          setting.restName(),
          had.flatMap(it -> it.values().get(setting)).map(SettingJson::of),
          wanted.values().get(setting).map(SettingJson::of));
    }
    boolean wasOn = had.map(DeclaredSettings::engagesKillSwitch).orElse(false);
    if (wasOn != wanted.engagesKillSwitch()) {
      fields.entries.add(
          AuditEntry.of(
                  fields.actor,
                  AuditLayer.DECLARED,
                  "kill_switch",
                  Optional.of(CanonicalJson.bool(wasOn)),
                  Optional.of(CanonicalJson.bool(wanted.engagesKillSwitch())))
              .because(wanted.killSwitchReason()));
    }
    fields.compare(
        "kill_switch_reason",
        had.flatMap(DeclaredSettings::killSwitchReason).map(CanonicalJson::text),
        wanted.killSwitchReason().map(CanonicalJson::text));
  }

  private static String planJson(Plan plan) {
    return CanonicalJson.text(plan.label());
  }

  /** Those that nobody else holds; of two with one digest the first. */
  private static List<DeclaredApiKey> ownKeys(Manifest manifest, Set<ApiKeyDigest> foreign) {
    Set<ApiKeyDigest> seen = new HashSet<>(foreign);
    List<DeclaredApiKey> keys = new ArrayList<>();
    for (DeclaredApiKey key : manifest.apiKeys()) {
      if (seen.add(key.digest())) {
        // PostgreSQL keeps microseconds; without this an unchanged key would look changed.
        keys.add(
            new DeclaredApiKey(
                key.name(),
                key.digest(),
                key.scopes(),
                key.expiresAt().map(at -> at.truncatedTo(ChronoUnit.MICROS))));
      }
    }
    return keys;
  }

  private static boolean compareKeys(
      Fields fields, List<DeclaredApiKey> had, List<DeclaredApiKey> wanted) {
    Map<String, DeclaredApiKey> before = byName(had);
    Map<String, DeclaredApiKey> after = byName(wanted);
    Set<String> names = new TreeSet<>(before.keySet());
    names.addAll(after.keySet());
    int unchanged = fields.entries.size();
    for (String name : names) {
      fields.compare(
          "api_keys/" + name,
          Optional.ofNullable(before.get(name)).map(DeclaredChange::keyJson),
          Optional.ofNullable(after.get(name)).map(DeclaredChange::keyJson));
    }
    return fields.entries.size() > unchanged;
  }

  private static Map<String, DeclaredApiKey> byName(List<DeclaredApiKey> keys) {
    Map<String, DeclaredApiKey> named = new TreeMap<>();
    keys.forEach(key -> named.put(key.name(), key));
    return named;
  }

  /** Of the digest only its first 8 digits: enough to see that a key was rotated. */
  private static String keyJson(DeclaredApiKey key) {
    return keyJson(key.digest(), key.scopes(), key.expiresAt());
  }

  static String keyJson(ApiKeyDigest digest, Set<Scope> scopes, Optional<Instant> expiresAt) {
    return CanonicalJson.object(
        Map.of(
            "sha256_starts_with", Optional.of(CanonicalJson.text(digest.hex().substring(0, 8))),
            "scopes",
                Optional.of(
                    CanonicalJson.array(
                        scopes.stream()
                            .map(Scope::label)
                            .sorted()
                            .map(CanonicalJson::text)
                            .toList())),
            "expires_at", expiresAt.map(at -> CanonicalJson.text(at.toString()))));
  }

  private static void compareReceivers(
      Fields fields, List<DeclaredReceiver> had, List<DeclaredReceiver> wanted) {
    Map<String, DeclaredReceiver> before = receiversByName(had);
    Map<String, DeclaredReceiver> after = receiversByName(wanted);
    Set<String> names = new TreeSet<>(before.keySet());
    names.addAll(after.keySet());
    for (String name : names) {
      fields.compare(
          "notifications/" + name,
          Optional.ofNullable(before.get(name)).map(DeclaredChange::receiverJson),
          Optional.ofNullable(after.get(name)).map(DeclaredChange::receiverJson));
    }
  }

  private static Map<String, DeclaredReceiver> receiversByName(List<DeclaredReceiver> receivers) {
    Map<String, DeclaredReceiver> named = new TreeMap<>();
    receivers.forEach(receiver -> named.put(receiver.name(), receiver));
    return named;
  }

  /** Of the URL no path, which many services take for a password; but one sees that it changed. */
  private static String receiverJson(DeclaredReceiver receiver) {
    String url = receiver.url();
    int path = url.indexOf('/', url.indexOf("//") + 2);
    return CanonicalJson.object(
        Map.of(
            "key", Optional.of(CanonicalJson.text(receiver.keyName())),
            "types", ReceiverJson.types(receiver.kinds()),
            "url_begins_with",
                Optional.of(CanonicalJson.text(path < 0 ? url : url.substring(0, path))),
            "url_sha256_starts_with",
                Optional.of(
                    CanonicalJson.text(
                        HexFormat.of()
                            .formatHex(Sha256.of(url.getBytes(UTF_8)))
                            .substring(0, 8)))));
  }

  private static boolean isFreed(Optional<String> slug, Optional<StoredWorkspace> stored) {
    return stored
        .flatMap(StoredWorkspace::slug)
        .filter(had -> !slug.equals(Optional.of(had)))
        .isPresent();
  }

  private static boolean digestFreed(List<DeclaredApiKey> had, List<DeclaredApiKey> wanted) {
    Set<ApiKeyDigest> kept = new HashSet<>();
    wanted.forEach(key -> kept.add(key.digest()));
    return had.stream().anyMatch(key -> !kept.contains(key.digest()));
  }

  /** Collects a row for each field whose values differ. */
  private static final class Fields {
    private final String actor;
    private final AuditLayer layer;
    private final List<AuditEntry> entries = new ArrayList<>();

    private Fields(String actor, AuditLayer layer) {
      this.actor = actor;
      this.layer = layer;
    }

    private void compare(String field, Optional<String> before, Optional<String> after) {
      if (!Objects.equals(before, after)) {
        entries.add(AuditEntry.of(actor, layer, field, before, after));
      }
    }
  }
}
