package dev.workspaceoperator.http.server;

/**
 * What a request is for (RFC 9112 §3.2), of which the path alone matters here: whatever host the
 * target or the header {@code Host} names, it is this server that was asked.
 */
final class RequestTarget {
  /** The server as a whole: {@code OPTIONS *}. */
  static final String SERVER = "*";

  private RequestTarget() {}

  /**
   * The path of a target, still escaped. A proxy's form, {@code http://host/path}, means the same
   * as {@code /path}; what is neither stays as it is, and no path is like it.
   *
   * @param target without its query
   */
  static String path(String target) {
    if (target.startsWith("/")) {
      return target;
    }
    int authority = authority(target);
    if (authority < 0) {
      return target;
    }
    int slash = target.indexOf('/', authority);
    String host = target.substring(authority, slash < 0 ? target.length() : slash);
    if (host.isEmpty() || host.startsWith(":") || host.indexOf('@') >= 0) {
      return target;
    }
    return slash < 0 ? "/" : target.substring(slash);
  }

  private static int authority(String target) {
    for (String scheme : new String[] {"http://", "https://"}) {
      if (target.regionMatches(true, 0, scheme, 0, scheme.length())) {
        return scheme.length();
      }
    }
    return -1;
  }
}
