package dev.workspaceoperator.crd;

import com.fasterxml.jackson.databind.JsonNode;
import dev.workspaceoperator.workspace.Bounds;
import dev.workspaceoperator.workspace.DeclaredReceiver;
import dev.workspaceoperator.workspace.NotificationKind;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code spec.notifications}. */
final class ReceiverReader {
  private static final String FIELD = "spec.notifications";

  private final FieldReader fields;
  private final Set<String> names = new HashSet<>();

  ReceiverReader(FieldReader fields) {
    this.fields = fields;
  }

  List<DeclaredReceiver> read(@Nullable JsonNode list) {
    if (list == null || list.isNull()) {
      return List.of();
    }
    if (!list.isArray() || list.size() > Bounds.MANIFEST_RECEIVERS_MAX) {
      fields.refuse(
          FIELD, "must be a list of at most %d receivers".formatted(Bounds.MANIFEST_RECEIVERS_MAX));
      return List.of();
    }
    List<DeclaredReceiver> receivers = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      readReceiver("%s[%d]".formatted(FIELD, i), list.get(i)).ifPresent(receivers::add);
    }
    return receivers;
  }

  private Optional<DeclaredReceiver> readReceiver(String field, JsonNode receiver) {
    if (!receiver.isObject()) {
      fields.refuse(field, "must be an object with name, url and keyName");
      return Optional.empty();
    }
    Optional<String> name = readLabel(field + ".name", receiver.get("name"));
    if (name.isPresent() && !names.add(name.get())) {
      fields.refuse(field + ".name", "must differ from the names of the other receivers");
    }
    Optional<String> url = readUrl(field + ".url", receiver.get("url"));
    Optional<String> key = readLabel(field + ".keyName", receiver.get("keyName"));
    Set<NotificationKind> kinds = readKinds(field + ".types", receiver.get("types"));
    return name.isPresent() && url.isPresent() && key.isPresent()
        ? Optional.of(new DeclaredReceiver(name.get(), url.get(), key.get(), kinds))
        : Optional.empty();
  }

  private Optional<String> readLabel(String field, @Nullable JsonNode node) {
    Optional<String> label =
        Optional.ofNullable(node)
            .filter(JsonNode::isTextual)
            .map(JsonNode::textValue)
            .filter(text -> Bounds.DNS_LABEL.matcher(text).matches());
    if (label.isEmpty()) {
      fields.refuse(
          field, "must be a DNS label (lower-case letters, digits and inner hyphens, at most 63)");
    }
    return label;
  }

  /** It is not shown: there may be a secret in it. */
  private Optional<String> readUrl(String field, @Nullable JsonNode node) {
    Optional<String> url =
        Optional.ofNullable(node)
            .filter(JsonNode::isTextual)
            .map(JsonNode::textValue)
            .filter(text -> text.length() <= DeclaredReceiver.URL_LENGTH_MAX)
            .filter(text -> DeclaredReceiver.URL.matcher(text).matches())
            .filter(ReceiverReader::hasHost);
    if (url.isEmpty()) {
      fields.refuse(
          field,
          "must be a URL such as https://hooks.example.com/team, at most %d characters, without a"
                  .formatted(DeclaredReceiver.URL_LENGTH_MAX)
              + " user and without #");
    }
    return url;
  }

  /** The pattern lets addresses of IPv6 by that are none. */
  private static boolean hasHost(String url) {
    try {
      return new URI(url).getHost() != null;
    } catch (URISyntaxException e) {
      // Not a URL, which is what its field is told.
      return false;
    }
  }

  private Set<NotificationKind> readKinds(String field, @Nullable JsonNode node) {
    Set<NotificationKind> kinds = EnumSet.noneOf(NotificationKind.class);
    if (node == null || node.isNull()) {
      return kinds;
    }
    if (!node.isArray() || node.isEmpty()) {
      fields.refuse(
          field,
          "must list at least one of %s; leave it out for all"
              .formatted(NotificationKind.labels()));
      return kinds;
    }
    for (int i = 0; i < node.size(); i++) {
      String at = "%s[%d]".formatted(field, i);
      Optional<NotificationKind> kind =
          fields.choice(at, node.get(i), NotificationKind::ofLabel, NotificationKind.labels());
      if (node.get(i).isNull()) {
        fields.refuse(at, "must be one of " + NotificationKind.labels());
      }
      if (kind.isPresent() && !kinds.add(kind.get())) {
        fields.refuse(at, "must be listed only once");
      }
    }
    return kinds;
  }
}
