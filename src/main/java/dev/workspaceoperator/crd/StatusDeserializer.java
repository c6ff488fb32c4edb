package dev.workspaceoperator.crd;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.TreeNode;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a status that somebody else may have written: one that does not fit counts as absent, and
 * the next write replaces it.
 */
final class StatusDeserializer extends StdDeserializer<WorkspaceStatus> {
  private static final long serialVersionUID = 1L;

  StatusDeserializer() {
    super(WorkspaceStatus.class);
  }

  @Override
  public @Nullable WorkspaceStatus deserialize(JsonParser parser, DeserializationContext context)
      throws IOException {
    TreeNode tree = parser.readValueAsTree();
    try {
      return parser.getCodec().treeToValue(tree, WorkspaceStatus.class);
    } catch (JsonMappingException unreadable) {
      return null;
    }
  }
}
