package dev.workspaceoperator.http.server;

import io.helidon.http.Method;
import org.jspecify.annotations.Nullable;

/** The methods that resources have. */
public enum Verb {
  GET,
  POST,
  PATCH,
  DELETE;

  /** Every method that some path has, as the header {@code Allow} has it. */
  static final String ALL = "GET, HEAD, POST, PATCH, DELETE, OPTIONS";

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
