package dev.workspaceoperator.auth;

/**
 * How a credential is named in audit rows and logs. Parts that come from outside are cut, and what
 * could break or disguise a line is replaced.
 */
final class ActorNames {
  /** Begins the name of every API key. */
  static final String API_KEY = "api-key ";

  private static final int PART_LENGTH_MAX = 255;
  private static final int REPLACEMENT = '\uFFFD';

  private ActorNames() {}

  static String apiKey(String name) {
    return API_KEY + printable(name);
  }

  /** Told apart, since the keys of a workspace have what names its people like. */
  static String fleetApiKey(String name) {
    return "fleet-" + apiKey(name);
  }

  static String jwt(String issuer, String subject) {
    return "jwt " + printable(issuer) + " " + printable(subject);
  }

  static String serviceAccount(String cluster, String namespace, String name) {
    return "serviceaccount "
        + printable(cluster)
        + "/"
        + printable(namespace)
        + "/"
        + printable(name);
  }

  private static String printable(String part) {
    if (isPlain(part)) {
      return part;
    }
    StringBuilder text = new StringBuilder();
    part.codePoints()
        .limit(PART_LENGTH_MAX)
        .map(point -> isPrintable(point) ? point : REPLACEMENT)
        .forEach(text::appendCodePoint);
    return part.codePointCount(0, part.length()) > PART_LENGTH_MAX
        ? text.append('…').toString()
        : text.toString();
  }

  /** Whether it is short and printable ASCII, as nearly all are; each request asks. */
  private static boolean isPlain(String part) {
    for (int i = 0; i < part.length(); i++) {
      if (part.charAt(i) < ' ' || part.charAt(i) > '~') {
        return false;
      }
    }
    return part.length() <= PART_LENGTH_MAX;
  }

  private static boolean isPrintable(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
