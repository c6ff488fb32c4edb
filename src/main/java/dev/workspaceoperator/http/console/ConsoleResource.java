package dev.workspaceoperator.http.console;

import dev.workspaceoperator.http.server.Answer;
import dev.workspaceoperator.http.server.Exchange;
import dev.workspaceoperator.http.server.Route;
import dev.workspaceoperator.http.server.Route.RequestBody;
import dev.workspaceoperator.http.server.Verb;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** {@code /console/} and the files of the page, for anyone: they hold nothing of anybody. */
public final class ConsoleResource {
  private static final String PATH = "/console";
  private static final String JSON = "application/json";

  private static final Header ASK_AGAIN =
      HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-cache");

  /** A year; what stands under its hash never changes. */
  private static final Header FOR_EVER =
      HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "public, max-age=31536000, immutable");

  private static final Header VARIES =
      HeaderValues.createCached(HeaderNames.VARY, "Accept-Encoding");
  private static final Header GZIP =
      HeaderValues.createCached(HeaderNames.CONTENT_ENCODING, "gzip");
  private static final Header OUR_PAGES_ONLY =
      HeaderValues.createCached("Cross-Origin-Resource-Policy", "same-origin");

  private final ConsoleSettings settings;

  public ConsoleResource(ConsoleSettings settings) {
    this.settings = settings;
  }

  /** The page, its files, and what it must know at first. */
  public List<Route> routes() {
    PageFiles files = PageFiles.load();
    Encoded index = new Encoded(files.index(), indexHeaders());
    Answer configuration =
        Answer.ok(ConsoleConfiguration.render(settings)).with(ASK_AGAIN).with(OUR_PAGES_ONLY);
    Stream<Route> inFolder =
        files.inFolder().stream()
            .map(file -> {
              Encoded encoded = new Encoded(file, List.of(FOR_EVER));
              return route(
                  PATH + "/" + files.folder() + "/" + file.name(),
                  file.mediaType(),
                  encoded::answer);
            });
    return Stream.concat(
            Stream.of(
                route(PATH, "text/html", exchange -> page(exchange, index)),
                route(PATH + "/config.json", JSON, _ -> configuration)),
            inFolder)
        .toList();
  }

  /** The files are referred to from the page's own folder, wherever a proxy shows that. */
  private static Answer page(Exchange exchange, Encoded index) {
    return exchange.path().endsWith("/")
        ? index.answer(exchange)
        : new Answer.Whole(
            Status.PERMANENT_REDIRECT_308,
            List.of(HeaderValues.create(HeaderNames.LOCATION, "console/")),
            new byte[0]);
  }

  private List<Header> indexHeaders() {
    List<Header> headers = new ArrayList<>(ContentPolicy.headers(settings.places()));
    headers.add(ASK_AGAIN);
    return headers;
  }

  private static Route route(String path, String produces, Route.Endpoint endpoint) {
    return new Route(
        Verb.GET,
        path,
        Route.Reach.PUBLIC,
        Set.of(),
        RequestBody.NONE,
        List.of(produces),
        Route.Cost.AT_ONCE,
        false,
        endpoint);
  }

  /** Whether the request takes gzip (RFC 9110 §12.5.3). */
  static boolean takesGzip(List<String> acceptEncoding) {
    boolean takes = false;
    for (String coding : String.join(",", acceptEncoding).split(",", -1)) {
      String[] parts = coding.strip().toLowerCase(Locale.ROOT).split(";", -1);
      boolean refused = parts.length > 1 && parts[1].strip().matches("q\\s*=\\s*0(\\.0{0,3})?");
      if (parts[0].strip().equals("gzip")) {
        return !refused;
      }
      takes |= parts[0].strip().equals("*") && !refused;
    }
    return takes;
  }

  /** Both forms of a file, ready to be sent. */
  private static final class Encoded {
    private final Answer plain;
    private final Answer compressed;

    Encoded(PageFile file, List<Header> others) {
      List<Header> headers = new ArrayList<>(others);
      headers.add(VARIES);
      headers.add(OUR_PAGES_ONLY);
      headers.add(
          HeaderValues.create(HeaderNames.CONTENT_TYPE, file.mediaType() + "; charset=utf-8"));
      this.plain = new Answer.Whole(Status.OK_200, headers, file.plain());
      List<Header> ofCompressed = new ArrayList<>(headers);
      ofCompressed.add(GZIP);
      this.compressed = new Answer.Whole(Status.OK_200, ofCompressed, file.compressed());
    }

    Answer answer(Exchange exchange) {
      return takesGzip(exchange.headers(HeaderNames.ACCEPT_ENCODING)) ? compressed : plain;
    }
  }
}
