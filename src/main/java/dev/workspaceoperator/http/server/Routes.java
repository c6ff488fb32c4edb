package dev.workspaceoperator.http.server;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Every path there is and the methods of each. A trailing slash is optional. Paths are compared as
 * they are sent: nothing is decoded, so that no escape and no {@code ..} means another path.
 */
final class Routes {
  private final Map<String, Match> fixed = new HashMap<>();
  private final Node root = new Node();

  Routes(Collection<Route> routes) {
    routes.forEach(this::add);
  }

  /**
   * A path that exists.
   *
   * @param methods what its methods are
   * @param parameters the segments that stand for {@code {…}} in the template, in their order
   */
  record Match(PathMethods methods, List<String> parameters) {}

  /** The path's match; null if there is no such path. */
  @Nullable Match find(String path) {
    Match match = fixed.get(path);
    if (match != null) {
      return match;
    }
    String bare = withoutTrailingSlash(path);
    Match bareMatch = fixed.get(bare);
    return bareMatch != null ? bareMatch : findByTemplate(bare);
  }

  private @Nullable Match findByTemplate(String path) {
    Node node = root;
    List<String> parameters = new ArrayList<>(2);
    int start = 1;
    while (start <= path.length()) {
      int slash = path.indexOf('/', start);
      int end = slash < 0 ? path.length() : slash;
      String segment = path.substring(start, end);
      Node next = node.children.get(segment);
      if (next == null) {
        next = segment.isEmpty() ? null : node.any;
        parameters.add(segment);
      }
      if (next == null) {
        return null;
      }
      node = next;
      start = end + 1;
    }
    return node.methods == null ? null : new Match(node.methods, List.copyOf(parameters));
  }

  private void add(Route route) {
    Node node = root;
    for (String segment : route.template().substring(1).split("/", -1)) {
      if (segment.startsWith("{")) {
        node.any = node.any == null ? new Node() : node.any;
        node = node.any;
      } else {
        node = node.children.computeIfAbsent(segment, _ -> new Node());
      }
    }
    PathMethods methods = node.methods == null ? new PathMethods(route.template()) : node.methods;
    node.methods = methods;
    methods.add(route);
    if (route.template().indexOf('{') < 0) {
      fixed.put(route.template(), new Match(methods, List.of()));
    }
  }

  private static String withoutTrailingSlash(String path) {
    return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  /** The methods of one path. */
  static final class PathMethods {
    private final String template;
    private final Map<Verb, Route> routes = new EnumMap<>(Verb.class);
    private String allow = "";
    private boolean isPublic = true;

    private PathMethods(String template) {
      this.template = template;
    }

    private void add(Route route) {
      if (routes.put(route.verb(), route) != null) {
        throw new IllegalArgumentException(route.verb() + " " + template + " is there twice");
      }
      List<String> names = new ArrayList<>();
      for (Verb verb : routes.keySet()) {
        names.add(verb.name());
        if (verb == Verb.GET) {
          names.add("HEAD");
        }
      }
      names.add("OPTIONS");
      allow = String.join(", ", names);
      isPublic &= route.reach() == Route.Reach.PUBLIC;
    }

    String template() {
      return template;
    }

    /** The route of this verb; null if the path has none. */
    @Nullable Route of(@Nullable Verb verb) {
      return verb == null ? null : routes.get(verb);
    }

    /** Every method of the path, as the header {@code Allow} has it. */
    String allow() {
      return allow;
    }

    /** Whether the path needs no credential. */
    boolean isPublic() {
      return isPublic;
    }
  }

  private static final class Node {
    private final Map<String, Node> children = new HashMap<>();
    private @Nullable Node any;
    private @Nullable PathMethods methods;
  }
}
