package dev.workspaceoperator.sql;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.workspaceoperator.workspace.DeclaredReceiver;
import dev.workspaceoperator.workspace.NotificationKind;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;

/** Receivers of a workspace as their column has them: a list of objects. */
public final class ReceiverJson {
  private static final String NAME = "name";
  private static final String URL = "url";
  private static final String KEY = "key";
  private static final String TYPES = "types";
  private static final String NOBODY = "[]";
  private static final ObjectMapper JSON = new ObjectMapper();

  private ReceiverJson() {}

  /** Writes them in their order. */
  public static String write(List<DeclaredReceiver> receivers) {
    return CanonicalJson.array(receivers.stream().map(ReceiverJson::write).toList());
  }

  private static String write(DeclaredReceiver receiver) {
    return CanonicalJson.object(
        Map.of(
            NAME, Optional.of(CanonicalJson.text(receiver.name())),
            URL, Optional.of(CanonicalJson.text(receiver.url())),
            KEY, Optional.of(CanonicalJson.text(receiver.keyName())),
            TYPES, types(receiver.kinds())));
  }

  /** What is wanted, as a list of words; empty if all is. */
  public static Optional<String> types(Collection<NotificationKind> kinds) {
    return kinds.isEmpty()
        ? Optional.empty()
        : Optional.of(
            CanonicalJson.array(
                kinds.stream()
                    .map(NotificationKind::label)
                    .sorted()
                    .map(CanonicalJson::text)
                    .toList()));
  }

  /** Reads them. */
  public static List<DeclaredReceiver> read(String json) {
    // As of most workspaces.
    if (json.equals(NOBODY)) {
      return List.of();
    }
    try {
      List<DeclaredReceiver> receivers = new ArrayList<>();
      for (JsonNode entry : JSON.readTree(json)) {
        receivers.add(
            new DeclaredReceiver(
                entry.path(NAME).asText(),
                entry.path(URL).asText(),
                entry.path(KEY).asText(),
                kinds(entry.path(TYPES))));
      }
      return receivers;
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("the receivers of a workspace cannot be read", e);
    }
  }

  private static Set<NotificationKind> kinds(JsonNode types) {
    Set<NotificationKind> kinds = EnumSet.noneOf(NotificationKind.class);
    StreamSupport.stream(types.spliterator(), false)
        .flatMap(type -> NotificationKind.ofLabel(type.asText()).stream())
        .forEach(kinds::add);
    return kinds;
  }
}
