package dev.workspaceoperator.auth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/**
 * The name of a claim. Its dots lead into objects, as in {@code realm_access.roles}; but wherever a
 * longer part of it is a name by itself, as {@code https://example.com/roles} is, that is meant.
 */
public record ClaimName(String text) {

  /** Of several names, the value of the first that the token has. */
  static Optional<JsonNode> first(List<ClaimName> names, ObjectNode claims) {
    return names.stream()
        .map(name -> find(claims, name.text))
        .filter(value -> !value.isMissingNode())
        .findFirst();
  }

  /** For sentences: {@code scp or roles}. */
  static String describe(List<ClaimName> names) {
    return String.join(" or ", names.stream().map(ClaimName::text).toList());
  }

  private static JsonNode find(JsonNode object, String name) {
    if (object.has(name)) {
      return object.get(name);
    }
    for (int dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
      JsonNode inner = object.path(name.substring(0, dot));
      JsonNode found =
          inner.isObject() ? find(inner, name.substring(dot + 1)) : MissingNode.getInstance();
      if (!found.isMissingNode()) {
        return found;
      }
    }
    return MissingNode.getInstance();
  }
}
