package dev.workspaceoperator.http.server;

import java.nio.charset.StandardCharsets;

/** JSON pointers as URI fragments (RFC 6901 §6). */
public final class Pointers {
  private static final int NAME_LENGTH_MAX = 100;

  private Pointers() {}

  /** The pointer to this member of the body. */
  public static String member(String name) {
    return "#/" + escape(name);
  }

  /** A name as a part of a pointer; a very long one is cut, because an error quotes it. */
  public static String escape(String name) {
    String shortened =
        name.length() > NAME_LENGTH_MAX ? name.substring(0, NAME_LENGTH_MAX) + "…" : name;
    StringBuilder text = new StringBuilder(shortened.length());
    for (byte b : shortened.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xFF);
      if (c == '~') {
        text.append("~0");
      } else if (c == '/') {
        text.append("~1");
      } else if ((c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || (c >= '0' && c <= '9')
          || "-._!$&'()*+,;=:@".indexOf(c) >= 0) {
        text.append(c);
      } else {
        text.append("%%%02X".formatted((int) c));
      }
    }
    return text.toString();
  }
}
