package dev.workspaceoperator.auth;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The public keys of an issuer at one moment, by their ids. */
final class KeySet {
  private static final int KEYS_MAX = 100;

  private final Map<String, List<VerificationKey>> keys = new HashMap<>();

  private KeySet() {}

  /**
   * Reads a JSON Web Key Set (RFC 7517 §5). Keys that cannot be used here are left out.
   *
   * @throws IOException if it is none
   */
  static KeySet read(byte[] json) throws IOException {
    JsonNode array =
        TokenJson.object(json)
            .map(object -> object.path("keys"))
            .filter(JsonNode::isArray)
            .orElseThrow(() -> new IOException("the answer is not a JSON Web Key Set"));
    if (array.size() > KEYS_MAX) {
      throw new IOException("the key set has more than %d keys".formatted(KEYS_MAX));
    }
    KeySet set = new KeySet();
    for (JsonNode key : array) {
      VerificationKey.read(key)
          .ifPresent(
              usable -> set.keys.computeIfAbsent(usable.id(), id -> new ArrayList<>()).add(usable));
    }
    return set;
  }

  /** The keys of this id, most often one. */
  List<VerificationKey> withId(String keyId) {
    return keys.getOrDefault(keyId, List.of());
  }

  int size() {
    return keys.size();
  }
}
