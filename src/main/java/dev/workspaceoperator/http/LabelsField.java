package dev.workspaceoperator.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.workspaceoperator.http.server.Fields;
import dev.workspaceoperator.workspace.Bounds;
import java.util.HashMap;
import java.util.Map;

/** The member {@code labels} of runs and steps: an object of a few short texts (design.md §6). */
final class LabelsField {
  static final String NAME = "labels";

  /** Of labels that the operator itself puts on a run. */
  private static final String RESERVED = "workspace-operator.dev/";

  private LabelsField() {}

  /** The labels; none if there are none, or wrong ones: what is wrong is noted. */
  static Map<String, String> read(Fields fields) {
    Map<String, String> labels = new HashMap<>();
    fields
        .raw(NAME)
        .filter(value -> !value.isNull())
        .ifPresent(value -> {
          if (value instanceof ObjectNode object) {
            collect(fields, object, labels);
          } else {
            fields.wrong(NAME, "It must be an object of texts, such as {\"team\": \"blue\"}.");
          }
        });
    return labels;
  }

  private static void collect(Fields fields, ObjectNode object, Map<String, String> labels) {
    if (object.size() > Bounds.LABELS_MAX) {
      fields.wrong(NAME, "It must have at most %d labels.".formatted(Bounds.LABELS_MAX));
    }
    for (Map.Entry<String, JsonNode> label : object.properties()) {
      String name = label.getKey();
      if (!isLine(name, 1, Bounds.LABEL_NAME_LENGTH_MAX)) {
        fields.wrong(
            NAME,
            name,
            "The name of a label must have 1 to %d characters, without control characters."
                .formatted(Bounds.LABEL_NAME_LENGTH_MAX));
      }
      if (name.startsWith(RESERVED)) {
        fields.wrong(
            NAME,
            name,
            "Names that begin with %s are the operator's. Choose another name."
                .formatted(RESERVED));
      }
      JsonNode value = label.getValue();
      if (value.isTextual() && isLine(value.textValue(), 0, Bounds.LABEL_VALUE_LENGTH_MAX)) {
        labels.put(name, value.textValue());
      } else {
        fields.wrong(
            NAME,
            name,
            "It must be a text in quotes of at most %d characters, without control characters."
                .formatted(Bounds.LABEL_VALUE_LENGTH_MAX));
      }
    }
  }

  private static boolean isLine(String text, int min, int max) {
    int length = text.codePointCount(0, text.length());
    return length >= min && length <= max && Fields.isClean(text);
  }
}
