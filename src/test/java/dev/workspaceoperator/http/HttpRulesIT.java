package dev.workspaceoperator.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.app.Served;
import dev.workspaceoperator.workspace.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What RFC 9110 and RFC 9112 demand of an origin server, one clause after the other; docs/http.md
 * has the same table for people.
 */
class HttpRulesIT {
  private static final Path PAGE = Path.of("docs/http.md");
  private static final Pattern CLAUSE = Pattern.compile("\\| (911[02] §[0-9.]+) \\|");

  @Served private static ApiServer server;
  private static String key;

  @BeforeAll
  static void start() {
    key = server.keyWithAllScopes(server.workspace(Plan.SCALE).id());
  }

  static List<HttpRule> rules() {
    return HttpRule.ALL;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void theServerDoesWhatTheRfcsDemand(HttpRule rule) throws IOException {
    try (RawConnection connection = new RawConnection(server.port())) {
      // Where a rule does not ask for it, the connection must end by itself: else this times out.
      String answer = connection.send(rule.request(key)).readAll();

      assertThat(answer).startsWith("HTTP/1.1 " + rule.status() + " ");
      String lower = answer.toLowerCase(Locale.ROOT);
      for (String wanted : rule.wanted()) {
        assertThat(lower).contains(wanted.toLowerCase(Locale.ROOT));
      }
      for (String unwanted : rule.unwanted()) {
        assertThat(lower).doesNotContain(unwanted.toLowerCase(Locale.ROOT));
      }
    }
  }

  @Test
  void thePageHasEveryClauseThatIsTestedAndNoOther() throws IOException {
    Set<String> shown = new TreeSet<>();
    Matcher clauses = CLAUSE.matcher(Files.readString(PAGE));
    while (clauses.find()) {
      shown.add(clauses.group(1));
    }
    assertThat(shown)
        .isEqualTo(
            HttpRule.ALL.stream()
                .map(HttpRule::clause)
                .collect(Collectors.toCollection(TreeSet::new)));
  }

  @Test
  void anAnswerToHeadHasTheHeadersOfGetAndNoContent() throws IOException {
    for (String path : List.of("/v1/workspace", "/v1/usage", "/openapi.yaml", "/nowhere")) {
      String request = "%s " + path + " HTTP/1.1\nHost: a\nConnection: close\nX-API-Key: %s\n\n";
      try (RawConnection get = new RawConnection(server.port());
          RawConnection head = new RawConnection(server.port())) {
        String full = get.send(request.formatted("GET", key)).readAll();
        String bare = head.send(request.formatted("HEAD", key)).readAll();

        assertThat(bare).endsWith("\r\n\r\n").contains(length(full));
      }
    }
  }

  @Test
  void aClientThatHasTheNewestAnswerIsNotSentItAgain() throws IOException {
    String get = "GET /v1/workspace HTTP/1.1\nHost: a\nConnection: close\nX-API-Key: " + key + "\n";
    String etag;
    try (RawConnection first = new RawConnection(server.port())) {
      etag = header(first.send(get + "\n").readAll(), "ETag");
    }
    try (RawConnection again = new RawConnection(server.port());
        RawConnection strong = new RawConnection(server.port());
        RawConnection patch = new RawConnection(server.port())) {
      assertThat(again.send(get + "If-None-Match: \"x\", W/" + etag + "\n\n").readAll())
          .startsWith("HTTP/1.1 304 ")
          .contains("ETag: " + etag)
          .doesNotContainIgnoringCase("content-length")
          .endsWith("\r\n\r\n");
      assertThat(strong.send(get + "If-Match: W/" + etag + "\n\n").readAll())
          .as("compared strongly")
          .startsWith("HTTP/1.1 412 ");
      assertThat(
              patch
                  .send(
                      get.replace("GET", "PATCH")
                          + "If-None-Match: "
                          + etag
                          + "\nContent-Type: application/json\nContent-Length: 2\n\n{}")
                  .readAll())
          .startsWith("HTTP/1.1 412 ");
    }
  }

  private static String length(String answer) {
    return "Content-Length: " + header(answer, "Content-Length");
  }

  private static String header(String answer, String name) {
    return answer
        .lines()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT)))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElseThrow();
  }
}
