package dev.workspaceoperator.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.workspaceoperator.app.ApiServer;
import dev.workspaceoperator.app.Served;
import dev.workspaceoperator.workspace.Setting;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code /console/}: how its files are served. The page itself is tried in {@code console}. */
class ConsoleHttpIT {
  private static final Path FILES = Path.of("src/main/resources/console");
  private static final Pattern LINK = Pattern.compile("(?:src|href)=\"([^\"]+)\"");

  @Served private static ApiServer server;
  private static HttpClient http;

  @BeforeAll
  static void start() {
    http = HttpClient.newHttpClient();
  }

  @AfterAll
  static void stop() {
    http.close();
  }

  private static HttpResponse<byte[]> get(String path, String... headers)
      throws IOException, InterruptedException {
    return send("GET", server, path, headers);
  }

  private static HttpResponse<byte[]> send(
      String method, ApiServer at, String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(at.port(), path)))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), BodyHandlers.ofByteArray());
  }

  private static String header(HttpResponse<?> response, String name) {
    assertThat(response.headers().allValues(name)).as(name).hasSize(1);
    return response.headers().firstValue(name).orElseThrow();
  }

  private static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  private static List<String> links() throws IOException, InterruptedException {
    Matcher links = LINK.matcher(text(get("/console/")));
    return links.results().map(link -> "/console/" + link.group(1)).toList();
  }

  @Test
  void thePageIsLockedInAndNeverKept() throws Exception {
    HttpResponse<byte[]> page = get("/console/");

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(header(page, "Content-Type")).isEqualTo("text/html; charset=utf-8");
    assertThat(header(page, "Cache-Control")).isEqualTo("no-cache");
    assertThat(header(page, "Content-Security-Policy"))
        .contains(
            "default-src 'none'",
            "script-src 'self';",
            "style-src 'self';",
            "connect-src 'self';",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'")
        .doesNotContain("unsafe", "*", "http:");
    assertThat(header(page, "X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(header(page, "Referrer-Policy")).isEqualTo("no-referrer");
    assertThat(header(page, "Cross-Origin-Opener-Policy")).isEqualTo("same-origin");
    assertThat(page.headers().allValues("Set-Cookie")).isEmpty();
    assertThat(text(page))
        .doesNotContain("@folder@", "<!-- preload", "style=", "<style", "onclick", "https://");
  }

  @Test
  void eachFileIsKeptForEverUnderTheHashOfAll() throws Exception {
    List<String> links = links();
    assertThat(links).hasSizeGreaterThan(15);
    for (String link : links) {
      HttpResponse<byte[]> plain = get(link);
      HttpResponse<byte[]> compressed = get(link, "Accept-Encoding", "br, gzip;q=0.8");

      assertThat(plain.statusCode()).as(link).isEqualTo(200);
      assertThat(header(plain, "Content-Type"))
          .isEqualTo(
              (link.endsWith(".js")
                      ? "text/javascript"
                      : link.endsWith(".css") ? "text/css" : "image/svg+xml")
                  + "; charset=utf-8");
      assertThat(header(plain, "Cache-Control")).isEqualTo("public, max-age=31536000, immutable");
      assertThat(header(plain, "Vary")).isEqualTo("Accept-Encoding");
      assertThat(plain.headers().firstValue("Content-Encoding")).isEmpty();
      assertThat(header(compressed, "Content-Encoding")).isEqualTo("gzip");
      try (GZIPInputStream unpacked =
          new GZIPInputStream(new ByteArrayInputStream(compressed.body()))) {
        assertThat(unpacked.readAllBytes()).as(link).isEqualTo(plain.body());
      }
    }
    assertThat(
            get(links.getLast().replaceFirst("console/[^/]+", "console/AAAAAAAAAAAA")).statusCode())
        .isEqualTo(404);
  }

  @Test
  void gzipIsSentOnlyToWhoTakesIt() throws Exception {
    for (String accept : List.of("gzip", "GZIP", "deflate, gzip;q=0.5", "*", "*;q=0.1, br")) {
      assertThat(
              get("/console/", "Accept-Encoding", accept).headers().firstValue("Content-Encoding"))
          .as(accept)
          .contains("gzip");
    }
    for (String accept :
        List.of("identity", "gzip;q=0", "gzip; q=0.00, *", "br", "*;q=0", "xgzip")) {
      assertThat(
              get("/console/", "Accept-Encoding", accept).headers().firstValue("Content-Encoding"))
          .as(accept)
          .isEmpty();
    }
  }

  @Test
  void everyFileOfThePageIsServed() throws Exception {
    String folder = links().getFirst().replaceAll("/[^/]+$", "/");
    TreeSet<String> files = new TreeSet<>();
    try (Stream<Path> all = Files.list(FILES)) {
      all.map(file -> file.getFileName().toString())
          .filter(name -> !name.equals("index.html"))
          .forEach(files::add);
    }
    files.addAll(List.of("lib/preact.js", "lib/htm.js", "lib/uplot.js", "lib/uplot.css"));
    for (String file : files) {
      assertThat(get(folder + file).statusCode()).as(file).isEqualTo(200);
    }
  }

  @Test
  void whatThePageMustKnowNamesEverySetting() throws Exception {
    HttpResponse<byte[]> answer = get("/console/config.json");
    JsonNode configuration = new ObjectMapper().readTree(answer.body());

    assertThat(header(answer, "Cache-Control")).isEqualTo("no-cache");
    assertThat(header(answer, "Content-Type")).isEqualTo("application/json");
    assertThat(configuration.path("settings").findValuesAsText("field"))
        .containsExactlyElementsOf(Arrays.stream(Setting.values()).map(Setting::restName).toList());
    assertThat(configuration.path("settings").findValuesAsText("required_plan"))
        .containsExactly("Basic", "Basic", "Pro", "Pro", "Pro");
    assertThat(configuration.at("/kill_switch/required_plan").asText()).isEqualTo("Scale");
    assertThat(configuration.path("issuers")).isEmpty();
  }

  @Test
  void theFolderIsFoundWithoutItsSlashAndByItsHead() throws Exception {
    HttpResponse<byte[]> bare = get("/console");
    assertThat(bare.statusCode()).isEqualTo(308);
    assertThat(header(bare, "Location")).isEqualTo("console/");
    HttpResponse<byte[]> head = send("HEAD", server, "/console/");
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(header(head, "Content-Length")).isEqualTo("" + get("/console/").body().length);
    assertThat(send("POST", server, "/console/").statusCode()).isEqualTo(405);
    assertThat(get("/console/", "Accept", "application/json").statusCode()).isEqualTo(406);
  }

  @Test
  void whatIsSomebodysIsStillKeptNowhere() throws Exception {
    assertThat(header(get("/v1/workspace/"), "Cache-Control")).isEqualTo("no-store");
    assertThat(header(get("/console/nothing"), "Cache-Control")).isEqualTo("no-store");
  }

  @Test
  void anInstallationCanDoWithoutIt() throws Exception {
    try (ApiServer without =
        ApiServer.on(server.databaseUrl(), http -> http.withConsole(Optional.empty()))) {
      assertThat(send("GET", without, "/console/").statusCode()).isEqualTo(404);
      assertThat(send("GET", without, "/openapi.yaml").statusCode()).isEqualTo(200);
    }
  }
}
