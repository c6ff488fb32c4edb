package dev.workspaceoperator.http;

import io.helidon.http.Method;
import org.jspecify.annotations.Nullable;

/** The methods that resources have. */
enum Verb {
  GET,
  POST,
  PATCH,
  DELETE;

  /** The verb that answers this method; HEAD is answered as GET is. Null if none does. */
  static @Nullable Verb of(Method method) {
    return switch (method.text()) {
      case "GET", "HEAD" -> GET;
      case "POST" -> POST;
      case "PATCH" -> PATCH;
      case "DELETE" -> DELETE;
      default -> null;
    };
  }
}
