package dev.workspaceoperator.sql;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A database's address in either of its usual spellings, taken apart so that the secret in it is
 * never printed.
 *
 * @param hosts {@code host:port}, several with commas
 * @param database the database's name
 * @param user who signs in
 * @param password the password in the address, if it has one
 * @param parameters the other parameters, as they are written
 * @param hidesParameters whether a piece of a password may stand among them, so that no name is
 *     printed that is not known for one
 */
public record DatabaseUrl(
    String hosts,
    String database,
    Optional<String> user,
    Optional<String> password,
    Map<String, String> parameters,
    boolean hidesParameters) {

  private static final Pattern BARE_PERCENT = Pattern.compile("%(?![0-9A-Fa-f]{2})");
  private static final Pattern HOST =
      Pattern.compile("(\\[[^\\]]+\\]|[^:@\\[\\]]*)(?::([0-9]{1,5}))?");
  private static final int PORT_MAX = 65_535;

  /**
   * Reads an address.
   *
   * @throws IllegalArgumentException if it is neither spelling; the message does not repeat it
   */
  public static DatabaseUrl parse(String url) {
    String rest = withoutScheme(url);
    String query = rest.contains("?") ? rest.substring(rest.indexOf('?') + 1) : "";
    String address = rest.contains("?") ? rest.substring(0, rest.indexOf('?')) : rest;
    int slash = address.indexOf('/');
    if (slash < 0 || slash == address.length() - 1) {
      throw new IllegalArgumentException("the database URL names no database after the host");
    }
    String authority = address.substring(0, slash);
    String database = address.substring(slash + 1);
    int at = authority.lastIndexOf('@');
    String hosts = authority.substring(at + 1);
    // A bare slash in a password would make a part of it the host or the database.
    if (database.contains("/") || database.contains("@") || !areHosts(hosts)) {
      throw new IllegalArgumentException(
          "the database URL must be scheme://user:password@host:port/database, the port from 1 to"
              + " 65535; in the user and the password write %2F for a slash, %40 for an at sign and"
              + " %3F for a question mark");
    }
    String userInfo = at < 0 ? "" : authority.substring(0, at);
    Map<String, String> parameters = parameters(query);
    boolean hidesParameters = parameters.containsKey("password") || query.contains("@");
    Optional<String> user =
        Optional.of(decode(userInfo.split(":", 2)[0])).filter(name -> !name.isEmpty());
    Optional<String> password =
        userInfo.contains(":")
            ? Optional.of(decode(userInfo.substring(userInfo.indexOf(':') + 1)))
            : Optional.empty();
    return new DatabaseUrl(
        hosts,
        decode(database),
        user.or(() -> Optional.ofNullable(parameters.remove("user"))),
        password.or(() -> Optional.ofNullable(parameters.remove("password"))),
        parameters,
        hidesParameters);
  }

  private static boolean areHosts(String hosts) {
    return Arrays.stream(hosts.split(",", -1)).map(HOST::matcher).allMatch(DatabaseUrl::isHost);
  }

  private static boolean isHost(Matcher host) {
    return host.matches()
        && Optional.ofNullable(host.group(2))
            .map(Integer::valueOf)
            .filter(port -> port < 1 || port > PORT_MAX)
            .isEmpty();
  }

  private static String withoutScheme(String url) {
    for (String scheme : new String[] {"jdbc:postgresql://", "postgresql://", "postgres://"}) {
      if (url.startsWith(scheme)) {
        return url.substring(scheme.length());
      }
    }
    throw new IllegalArgumentException(
        "the database URL must start with postgresql:// or jdbc:postgresql://");
  }

  private static Map<String, String> parameters(String query) {
    Map<String, String> parameters = new TreeMap<>();
    for (String pair : query.split("&", -1)) {
      if (!pair.isEmpty()) {
        String[] parts = pair.split("=", 2);
        parameters.put(decode(parts[0]), parts.length < 2 ? "" : decode(parts[1]));
      }
    }
    return parameters;
  }

  /** Percent-decoding; a plus sign stays one. */
  private static String decode(String text) {
    // Asked first, because the decoder's own message repeats a part of what may be the password.
    if (BARE_PERCENT.matcher(text).find()) {
      throw new IllegalArgumentException(
          "the database URL has a percent sign that two hex digits do not follow; write %25 for a"
              + " percent sign");
    }
    return URLDecoder.decode(text.replace("+", "%2B"), UTF_8);
  }

  /** Host and database only: no user, no secret. */
  @Override
  public String toString() {
    return hosts + "/" + database;
  }
}
