package dev.workspaceoperator.http.server;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes the wire form of a problem; nothing else does (RFC 9457). */
final class ProblemRenderer {
  private static final int INSTANCE_LENGTH_MAX = 1_024;

  private ProblemRenderer() {}

  /**
   * The body of an answer.
   *
   * @param instance the path that was asked for, as it was sent
   */
  static byte[] render(Problem problem, String instance, String requestId) {
    return Json.bytes(json -> {
      json.writeStartObject();
      json.writeStringField("type", problem.code().type());
      json.writeStringField("title", problem.code().title());
      json.writeNumberField("status", problem.status().code());
      json.writeStringField("detail", problem.detail());
      json.writeStringField("instance", reference(instance));
      json.writeStringField("code", problem.code().name());
      json.writeStringField("request_id", requestId);
      for (Map.Entry<String, @Nullable Object> member : problem.members().entrySet()) {
        json.writeFieldName(member.getKey());
        Json.value(json, member.getValue());
      }
      if (!problem.errors().isEmpty()) {
        json.writeArrayFieldStart("errors");
        for (Problem.FieldError error : problem.errors()) {
          json.writeStartObject();
          json.writeStringField("pointer", error.pointer());
          json.writeStringField("detail", error.detail());
          json.writeEndObject();
        }
        json.writeEndArray();
      }
      json.writeEndObject();
    });
  }

  /** A URI reference whatever was sent: what is not allowed in one is escaped. */
  private static String reference(String path) {
    StringBuilder text = new StringBuilder(path.length());
    int end = end(path);
    for (int i = 0; i < end; i++) {
      char c = path.charAt(i);
      boolean escape = c == '%' && !startsEscape(path, i);
      if (!escape && (isUnreserved(c) || "/:@!$&'()*+,;=%".indexOf(c) >= 0)) {
        text.append(c);
      } else {
        text.append("%%%02X".formatted(c & 0xFF));
      }
    }
    // Two slashes at the beginning would name a host.
    return text.indexOf("//") == 0 ? "/." + text : text.toString();
  }

  /** Where a path that is too long is cut off: not in the middle of an escape. */
  private static int end(String path) {
    if (path.length() <= INSTANCE_LENGTH_MAX) {
      return path.length();
    }
    int escape = path.lastIndexOf('%', INSTANCE_LENGTH_MAX - 1);
    return escape >= INSTANCE_LENGTH_MAX - 2 ? escape : INSTANCE_LENGTH_MAX;
  }

  private static boolean startsEscape(String path, int i) {
    return i + 2 < path.length()
        && Character.digit(path.charAt(i + 1), 16) >= 0
        && Character.digit(path.charAt(i + 2), 16) >= 0;
  }

  private static boolean isUnreserved(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "-._~".indexOf(c) >= 0;
  }
}
