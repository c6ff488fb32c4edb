package dev.workspaceoperator.http;

import dev.workspaceoperator.http.server.Answer;
import dev.workspaceoperator.http.server.MediaTypes;
import dev.workspaceoperator.http.server.Route;
import dev.workspaceoperator.http.server.Route.RequestBody;
import dev.workspaceoperator.http.server.Verb;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** {@code /openapi.yaml}: the description of the API, for anyone. */
final class DescriptionResource {
  private static final String PATH = "/openapi.yaml";
  private static final Header CONTENT_TYPE =
      HeaderValues.createCached(HeaderNames.CONTENT_TYPE, MediaTypes.YAML);

  private final Answer answer =
      new Answer.Whole(Status.OK_200, List.of(CONTENT_TYPE), description());

  List<Route> routes() {
    return List.of(
        new Route(
            Verb.GET,
            PATH,
            Route.Reach.PUBLIC,
            Set.of(),
            RequestBody.NONE,
            List.of(MediaTypes.YAML),
            Route.Cost.AT_ONCE,
            false,
            _ -> answer));
  }

  private static byte[] description() {
    try (InputStream input =
        Objects.requireNonNull(DescriptionResource.class.getResourceAsStream(PATH))) {
      return input.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("the program has no readable openapi.yaml", e);
    }
  }
}
