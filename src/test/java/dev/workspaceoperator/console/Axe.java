package dev.workspaceoperator.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** What axe-core finds wrong with a page. */
final class Axe {
  private Axe() {}

  /** Each violation of WCAG 2.2 AA and of axe's good practice, with where it is. */
  static List<String> violations(Tab tab) throws InterruptedException {
    // As a string, so that the page's own policy is not in its way.
    if (!tab.is("window.axe")) {
      tab.eval(source() + "; null");
    }
    // What is on its way to another color is nobody's color.
    tab.eval(
        "Promise.all(document.getAnimations().map(one => one.finished.catch(() => null))).then(() => null)");
    JsonNode found =
        tab.eval(
            """
            axe.run(document, {
              runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
              resultTypes: ['violations'],
            }).then(result => ({
              passes: result.passes.length,
              violations: result.violations.map(one =>
                `${one.id}: ${one.nodes.map(node => `${node.target} ${node.any.map(check => check.message)}`).join(' | ')}`),
            }))
            """);
    if (found.path("passes").asInt() < 10) {
      throw new AssertionError("axe has looked at next to nothing: " + found);
    }
    List<String> violations = new ArrayList<>();
    found.path("violations").forEach(one -> violations.add(one.asText()));
    return violations;
  }

  private static String source() {
    try (InputStream script =
        Objects.requireNonNull(Axe.class.getResourceAsStream("/axe.min.js"))) {
      return new String(script.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("axe-core cannot be read", e);
    }
  }
}
