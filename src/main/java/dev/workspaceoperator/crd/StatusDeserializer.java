package dev.workspaceoperator.crd;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Reads a status that somebody else may have written: one that does not fit counts as absent, and
 * the next write replaces it.
 */
final class StatusDeserializer extends StdDeserializer<WorkspaceStatus> {
  private static final long serialVersionUID = 1L;

  private static final AtomicReferenceArray<TextNode> WORDS = new AtomicReferenceArray<>(1_024);

  StatusDeserializer() {
    super(WorkspaceStatus.class);
  }

  @Override
  public @Nullable WorkspaceStatus deserialize(JsonParser parser, DeserializationContext context)
      throws IOException {
    JsonNode tree = parser.readValueAsTree();
    share(tree);
    try {
      return parser.getCodec().treeToValue(tree, WorkspaceStatus.class);
    } catch (JsonMappingException unreadable) {
      return null;
    }
  }

  /** Most of a status is words that thousands of others hold too; each is kept in memory once. */
  private static void share(JsonNode node) {
    if (node instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> member : object.properties()) {
        member.setValue(shared(member.getValue()));
      }
    } else if (node instanceof ArrayNode array) {
      array.forEach(StatusDeserializer::share);
    }
  }

  private static JsonNode shared(JsonNode value) {
    if (value instanceof TextNode text) {
      int slot = Math.floorMod(text.hashCode(), WORDS.length());
      TextNode known = WORDS.get(slot);
      if (text.equals(known)) {
        return known;
      }
      // What occurs once only pushes others out; they come back the next time.
      WORDS.set(slot, text);
      return text;
    }
    share(value);
    return value;
  }
}
