package dev.workspaceoperator.http.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.workspaceoperator.http.connections.RequestReader;
import dev.workspaceoperator.http.server.Route.RequestBody;
import dev.workspaceoperator.workspace.port.OverloadedException;
import dev.workspaceoperator.workspace.port.ShareExceededException;
import io.helidon.common.buffers.DataReader.InsufficientDataAvailableException;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads bodies, after judging what the headers say of them (415, 413, 400). */
public final class RequestBodies {
  public static final int BYTES_MAX = 64 * 1024;

  /** As large as nearly every body is. */
  private static final int SMALL_BYTES = 1_024;

  /** What is larger, or does not say how large it is, may be a large one. */
  public static final int LARGE_BYTES = 8 * 1024;

  private static final HeaderName FETCH_SITE = HeaderNames.create("Sec-Fetch-Site");

  private static final String IDENTITY = "identity";

  private RequestBodies() {}

  /** Whether a body comes that is large, or does not say so. */
  private static boolean mayBeLarge(ServerRequest request) {
    return request.content().hasEntity()
        && request.headers().contentLength().orElse(BYTES_MAX) > LARGE_BYTES;
  }

  /**
   * The JSON body of a request.
   *
   * @param slot has room for it, if it may be large
   * @throws ProblemException if it is too large, of another type, or not JSON
   * @throws ShareExceededException if as many large ones are under way as the workspace may have
   * @throws OverloadedException if as many are under way as there may be
   */
  static JsonNode read(Exchange exchange, Route route, RequestSlots.Slot slot) {
    ServerRequest request = exchange.request();
    RequestBody kind = route.body();
    int bytesMax = bytesMax(route);
    Optional<String> contentType = exchange.header(HeaderNames.CONTENT_TYPE);
    checkType(contentType, kind);
    if (contentType.isEmpty() && isFromAnotherOrigin(exchange)) {
      throw unsupported(kind);
    }
    exchange.headers(HeaderNames.CONTENT_ENCODING).forEach(RequestBodies::checkCodings);
    if (request.headers().contentLength().orElse(0) > bytesMax) {
      throw tooLarge(bytesMax);
    }
    if (bytesMax > LARGE_BYTES && mayBeLarge(request)) {
      slot.largeBody(exchange.principal());
    }
    byte[] bytes = request.content().hasEntity() ? bytes(request, bytesMax) : new byte[0];
    if (bytes.length <= LARGE_BYTES) {
      slot.bodyIsSmall();
    }
    if (bytes.length == 0) {
      if (kind == RequestBody.OPTIONAL_JSON) {
        return JsonNodeFactory.instance.objectNode();
      }
      throw new ProblemException(
          ProblemCode.MALFORMED_JSON, "The body is empty. Send a JSON object.");
    }
    // Of two types it would be a guess. Of one it is not, and kubectl --raw names none.
    if (contentType.isEmpty() && kind == RequestBody.MERGE_PATCH) {
      throw unsupported(kind);
    }
    return RequestJson.read(bytes);
  }

  /** A kill switch holds no place while its body comes: so it is never a large one. */
  private static int bytesMax(Route route) {
    return route.cost() == Route.Cost.KILL_SWITCH ? LARGE_BYTES : BYTES_MAX;
  }

  private static byte[] bytes(ServerRequest request, int bytesMax) {
    try (InputStream input = request.content().inputStream()) {
      OptionalLong length = request.headers().contentLength();
      return length.isPresent()
          ? withLength(input, (int) length.getAsLong())
          : withoutLength(input, bytesMax);
    } catch (ProblemException | CloseConnectionException e) {
      throw e;
    } catch (IOException | UncheckedIOException | InsufficientDataAvailableException e) {
      throw new ServerConnectionException("the client is gone in the middle of its body", e);
    } catch (RuntimeException e) {
      // The library's, of several kinds, when it cannot make out the chunks.
      if (isTooLarge(e)) {
        throw tooLarge(bytesMax);
      }
      throw new ProblemException(
          ProblemCode.BAD_REQUEST,
          "The body is not framed as HTTP/1.1 says: look at its chunks, or its Content-Length.");
    }
  }

  /**
   * Grows with what has come, of which most is nothing but said: a client that announces a large
   * body costs no memory before it sends it.
   */
  private static byte[] withLength(InputStream input, int length) throws IOException {
    byte[] bytes = new byte[Math.min(length, SMALL_BYTES)];
    int read = input.readNBytes(bytes, 0, bytes.length);
    while (read == bytes.length && read < length) {
      bytes = Arrays.copyOf(bytes, Math.min(length, 2 * read));
      read += input.readNBytes(bytes, read, bytes.length - read);
    }
    return read == bytes.length ? bytes : Arrays.copyOf(bytes, read);
  }

  private static byte[] withoutLength(InputStream input, int bytesMax) throws IOException {
    byte[] bytes = input.readNBytes(bytesMax + 1);
    if (bytes.length > bytesMax) {
      throw tooLarge(bytesMax);
    }
    return bytes;
  }

  private static boolean isTooLarge(Throwable failure) {
    return failure instanceof RequestReader.ChunkTooLargeException
        || (failure.getCause() != null && isTooLarge(failure.getCause()));
  }

  private static void checkType(Optional<String> contentType, RequestBody kind) {
    if (contentType.isEmpty() || contentType.get().equals(MediaTypes.JSON)) {
      return;
    }
    String type = MediaTypes.bare(contentType.get());
    boolean known =
        type.equals(MediaTypes.JSON)
            || (kind == RequestBody.MERGE_PATCH && type.equals(MediaTypes.MERGE_PATCH));
    if (!known || !MediaTypes.isUtf8(contentType.get())) {
      throw unsupported(kind);
    }
  }

  /**
   * Whether a browser says that a page of somebody else's sends this. It asks first whether it may
   * send JSON, but not whether it may send a body without a type; the header that tells so is of
   * the Fetch standard's Metadata, and no page can set it.
   */
  private static boolean isFromAnotherOrigin(Exchange exchange) {
    return exchange
        .header(FETCH_SITE)
        .filter(site -> !site.equals("same-origin") && !site.equals("none"))
        .isPresent();
  }

  /** RFC 9110 §8.4; {@code identity} is no coding, and an empty element none either. */
  private static void checkCodings(String codings) {
    for (String coding : codings.split(",", -1)) {
      String name = coding.strip();
      if (!name.isEmpty() && !name.equalsIgnoreCase(IDENTITY)) {
        throw new ProblemException(
            Problem.of(
                    ProblemCode.UNSUPPORTED_MEDIA_TYPE,
                    "A compressed body is not taken. Send it without Content-Encoding.")
                .with(HeaderValues.create(HeaderNames.ACCEPT_ENCODING, IDENTITY)));
      }
    }
  }

  private static ProblemException unsupported(RequestBody kind) {
    String types =
        kind == RequestBody.MERGE_PATCH
            ? MediaTypes.MERGE_PATCH + " or " + MediaTypes.JSON
            : MediaTypes.JSON;
    return new ProblemException(
        ProblemCode.UNSUPPORTED_MEDIA_TYPE,
        "Send the body as UTF-8 with the header \"Content-Type: %s\".".formatted(types));
  }

  private static ProblemException tooLarge(int bytesMax) {
    return new ProblemException(
        ProblemCode.PAYLOAD_TOO_LARGE,
        "The body is larger than %d bytes. Send less.".formatted(bytesMax));
  }
}
