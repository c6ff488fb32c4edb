package dev.workspaceoperator.crd;

import com.fasterxml.jackson.databind.JsonNode;
import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.Bounds;
import dev.workspaceoperator.workspace.DeclaredApiKey;
import dev.workspaceoperator.workspace.Scope;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code spec.apiKeys}. */
final class ApiKeyReader {
  /** RFC 3339, with a time zone and at most nanoseconds. */
  static final Pattern RFC_3339 =
      Pattern.compile(
          "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?"
              + "(Z|[+-][0-9]{2}:[0-9]{2})");

  private static final String SCOPES = Scope.labels(scope -> !scope.isFleet());

  private final FieldReader fields;
  private final Map<String, String> fieldOfName = new HashMap<>();
  private final Map<ApiKeyDigest, String> fieldOfDigest = new HashMap<>();

  ApiKeyReader(FieldReader fields) {
    this.fields = fields;
  }

  List<DeclaredApiKey> read(@Nullable JsonNode list) {
    if (list == null || list.isNull()) {
      return List.of();
    }
    if (!list.isArray()) {
      fields.refuse("spec.apiKeys", "must be a list of keys");
      return List.of();
    }
    if (list.size() > Bounds.MANIFEST_API_KEYS_MAX) {
      fields.refuse(
          "spec.apiKeys",
          "must list at most %d keys, not %d; make others through the REST API"
              .formatted(Bounds.MANIFEST_API_KEYS_MAX, list.size()));
      return List.of();
    }
    List<DeclaredApiKey> keys = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      readKey("spec.apiKeys[%d]".formatted(i), list.get(i)).ifPresent(keys::add);
    }
    return keys;
  }

  private Optional<DeclaredApiKey> readKey(String field, JsonNode key) {
    if (!key.isObject()) {
      fields.refuse(field, "must be an object with name, sha256 and scopes");
      return Optional.empty();
    }
    Optional<String> name = readName(field + ".name", key.get("name"));
    Optional<ApiKeyDigest> digest = readDigest(field + ".sha256", key.get("sha256"));
    Set<Scope> scopes = readScopes(field + ".scopes", key.get("scopes"));
    Optional<Instant> expiresAt = readTime(field + ".expiresAt", key.get("expiresAt"));
    return name.isPresent() && digest.isPresent()
        ? Optional.of(new DeclaredApiKey(name.get(), digest.get(), scopes, expiresAt))
        : Optional.empty();
  }

  private Optional<String> readName(String field, @Nullable JsonNode node) {
    if (node == null || node.isNull()) {
      fields.refuse(field, "must be set: it tells the key from the others of this workspace");
      return Optional.empty();
    }
    Optional<String> name = fields.text(field, node, 1, Bounds.API_KEY_NAME_LENGTH_MAX);
    name.ifPresent(text -> refuseTwin(field, "name", fieldOfName.putIfAbsent(text, field)));
    return name;
  }

  private Optional<ApiKeyDigest> readDigest(String field, @Nullable JsonNode node) {
    Optional<ApiKeyDigest> digest =
        Optional.ofNullable(node)
            .filter(JsonNode::isTextual)
            .map(JsonNode::textValue)
            .flatMap(ApiKeyDigest::ofHex);
    if (digest.isEmpty()) {
      // The value is not shown: somebody may have put the key itself here.
      fields.refuse(
          field,
          "must be the SHA-256 of the whole key as 64 lower-case hex digits, as \"printf %s KEY |"
              + " sha256sum\" prints it");
      return digest;
    }
    refuseTwin(field, "hash", fieldOfDigest.putIfAbsent(digest.get(), field));
    return digest;
  }

  private void refuseTwin(String field, String what, @Nullable String earlierField) {
    if (earlierField != null) {
      fields.refuse(
          field,
          "must differ from %s: two keys cannot have the same %s".formatted(earlierField, what));
    }
  }

  private Set<Scope> readScopes(String field, @Nullable JsonNode node) {
    Set<Scope> scopes = EnumSet.noneOf(Scope.class);
    if (node == null || !node.isArray() || node.isEmpty()) {
      fields.refuse(field, "must list at least one of " + SCOPES);
      return scopes;
    }
    for (int i = 0; i < node.size(); i++) {
      String at = "%s[%d]".formatted(field, i);
      Optional<Scope> scope = fields.choice(at, node.get(i), ApiKeyReader::workspaceScope, SCOPES);
      if (node.get(i).isNull()) {
        fields.refuse(at, "must be one of " + SCOPES);
      }
      if (scope.isPresent() && !scopes.add(scope.get())) {
        fields.refuse(at, "must be listed only once");
      }
    }
    return scopes;
  }

  private static Optional<Scope> workspaceScope(String label) {
    return Scope.ofLabel(label).filter(scope -> !scope.isFleet());
  }

  private Optional<Instant> readTime(String field, @Nullable JsonNode node) {
    if (node == null || node.isNull()) {
      return Optional.empty();
    }
    Optional<Instant> time =
        Optional.of(node)
            .filter(JsonNode::isTextual)
            .map(JsonNode::textValue)
            .filter(text -> RFC_3339.matcher(text).matches())
            .flatMap(ApiKeyReader::parseTime);
    if (time.isEmpty()) {
      fields.refuse(
          field,
          "must be a time with its zone, such as 2030-01-31T00:00:00Z, not "
              + FieldReader.excerpt(node));
    }
    return time;
  }

  private static Optional<Instant> parseTime(String text) {
    try {
      return Optional.of(OffsetDateTime.parse(text).toInstant());
    } catch (DateTimeException noSuchTime) {
      return Optional.empty();
    }
  }
}
