package dev.workspaceoperator.http;

import dev.workspaceoperator.http.server.Answer;
import dev.workspaceoperator.http.server.Exchange;
import dev.workspaceoperator.http.server.Lists;
import dev.workspaceoperator.http.server.MediaTypes;
import dev.workspaceoperator.http.server.Route;
import dev.workspaceoperator.http.server.Route.RequestBody;
import dev.workspaceoperator.http.server.Verb;
import dev.workspaceoperator.http.view.Csv;
import dev.workspaceoperator.http.view.FocusView;
import dev.workspaceoperator.loop.Pause;
import dev.workspaceoperator.share.Shares;
import dev.workspaceoperator.workspace.PlanDefaults;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.port.RuntimeSettings;
import dev.workspaceoperator.workspace.port.Snapshot;
import dev.workspaceoperator.workspace.port.UsageBooks;
import dev.workspaceoperator.workspace.port.UsageBooks.Range;
import dev.workspaceoperator.workspace.port.UsageBooks.UserDay;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** {@code /v1/usage/export}: what a workspace spent, in the format that finance's tools take. */
final class UsageExportResource {
  /** So many are read at once, and kept while they are sent. */
  private static final int ROWS = 500;

  private final RuntimeSettings settings;
  private final PlanDefaults defaults;
  private final UsageBooks books;
  private final UsageExports exports;

  UsageExportResource(
      RuntimeSettings settings, PlanDefaults defaults, UsageBooks books, UsageExports exports) {
    this.settings = settings;
    this.defaults = defaults;
    this.books = books;
    this.exports = exports;
  }

  List<Route> routes() {
    return List.of(
        Route.workspace(
                Verb.GET, "/v1/usage/export", Scope.WORKSPACE_READ, RequestBody.NONE, this::export)
            .producing(MediaTypes.CSV)
            .forFleetToo());
  }

  private Answer export(Exchange exchange) {
    Lists.checkNames(exchange, UsageRange.PARAMETERS);
    Range range = UsageRange.of(exchange, books);
    Snapshot snapshot = WorkspaceResource.snapshot(settings, exchange);
    List<Header> headers =
        List.of(
            Csv.CONTENT_TYPE,
            HeaderValues.create(
                HeaderNames.CONTENT_DISPOSITION,
                "attachment; filename=\"focus-%s-%s-%s.csv\""
                    .formatted(name(snapshot), range.from(), range.to())));
    if (exchange.method().equals("HEAD")) {
      return new Answer.Whole(Status.OK_200, headers, new byte[0]);
    }
    return new Answer.Stream(
        headers,
        new Lines(
            books,
            new FocusView(snapshot, defaults),
            snapshot.workspace().id(),
            range,
            exchange.onlyUser(),
            exports.take(exchange)));
  }

  private static String name(Snapshot snapshot) {
    return snapshot.workspace().slug().orElseGet(() -> snapshot.workspace().id().toString());
  }

  /**
   * All lines, read in parts: neither memory nor a connection to the store is held for as long as
   * the client takes. What goes wrong in between ends the connection before the answer's end, which
   * the client sees.
   */
  private record Lines(
      UsageBooks books,
      FocusView view,
      UUID workspaceId,
      Range range,
      Optional<String> onlyUser,
      Shares.Place place)
      implements Answer.StreamBody {
    @Override
    public void writeTo(OutputStream output) throws IOException {
      BufferedOutputStream lines = new BufferedOutputStream(output);
      write(lines, FocusView.HEADER);
      List<UserDay> days = read(Optional.empty());
      while (!days.isEmpty()) {
        for (UserDay day : days) {
          write(lines, view.line(day));
        }
        days = days.size() < ROWS ? List.of() : read(Optional.of(days.getLast()));
      }
      lines.flush();
    }

    /** Rests as long as that took: others have half of the time. */
    private List<UserDay> read(Optional<UserDay> after) {
      long start = System.nanoTime();
      List<UserDay> days = books.userDays(workspaceId, range, onlyUser, after, ROWS);
      boolean _ = Pause.of(Duration.ofNanos(System.nanoTime() - start));
      return days;
    }

    @Override
    public void close() {
      place.close();
    }

    private static void write(OutputStream output, String line) throws IOException {
      output.write(line.getBytes(StandardCharsets.UTF_8));
    }
  }
}
