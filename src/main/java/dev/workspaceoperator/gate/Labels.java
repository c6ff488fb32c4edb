package dev.workspaceoperator.gate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Labels as the store has them: an object of strings, and NULL for none. */
final class Labels {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<Map<String, String>> TYPE = new TypeReference<>() {};

  private Labels() {}

  static @Nullable String write(Map<String, String> labels) {
    try {
      return labels.isEmpty() ? null : JSON.writeValueAsString(labels);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("labels are always an object of strings", e);
    }
  }

  static Map<String, String> read(@Nullable String json) {
    try {
      return json == null ? Map.of() : JSON.readValue(json, TYPE);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the store has labels that are no object of strings", e);
    }
  }
}
