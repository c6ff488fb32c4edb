package dev.workspaceoperator.http.server;

import dev.workspaceoperator.http.connections.WatchedConnection;
import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** Puts answers on the wire. */
final class ResponseWriter {
  private static final Header NO_STORE =
      HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-store");

  /** How much of a body that nobody wants is read away, so that the client gets its answer. */
  private static final long UNREAD_BYTES_MAX = 2 * 1024 * 1024;

  /** Small: strangers have as many of them as connections. */
  private static final int READ_AWAY_BYTES = 512;

  /**
   * What is handed to the library at once, which copies it: a client that does not read has a copy
   * of this much, and all connections can be such clients.
   */
  private static final int PIECE_BYTES = 8 * 1024;

  /** The name of a request, in its answer and before that in the request itself. */
  static final HeaderName REQUEST_ID = HeaderNames.create("X-Request-Id");

  private ResponseWriter() {}

  static void send(
      Exchange exchange, ServerResponse response, Answer answer, boolean closeConnection) {
    ServerRequest request = exchange.request();
    boolean unread = request.content().hasEntity() && !request.content().consumed();
    boolean small =
        unread && request.headers().contentLength().orElse(Long.MAX_VALUE) <= UNREAD_BYTES_MAX;
    boolean ofStranger = exchange.principalIfKnown() == null;
    boolean waitsForContinue = unread && request.headers().containsToken(HeaderValues.EXPECT_100);
    boolean last =
        closeConnection
            || answer instanceof Answer.Stream
            || request.headers().containsToken(HeaderValues.CONNECTION_CLOSE)
            || (unread && (!small || waitsForContinue || ofStranger));
    if (last) {
      response.header(HeaderValues.CONNECTION_CLOSE);
    }
    if (ofStranger) {
      WatchedConnection.current().refused();
    }
    response.status(answer.status());
    response.header(HeaderValues.create(REQUEST_ID, exchange.requestId()));
    response.header(NO_STORE);
    response.header(HeaderValues.X_CONTENT_TYPE_OPTIONS_NOSNIFF);
    answer.headers().forEach(response::header);
    switch (answer) {
      case Answer.Whole whole -> sendWhole(request, response, whole);
      case Answer.Stream stream -> sendStream(response, stream);
    }
    if (unread && (!small || ofStranger) && !waitsForContinue) {
      if (ofStranger) {
        WatchedConnection.current().linger();
      }
      readAway(request);
    }
    if (last) {
      // The library sends the header, and would wait for another request all the same.
      throw new CloseConnectionException("the last answer on this connection");
    }
  }

  private static void sendWhole(
      ServerRequest request, ServerResponse response, Answer.Whole whole) {
    if (request.prologue().method().text().equals("HEAD")) {
      response.contentLength(whole.body().length);
      response.send();
    } else if (whole.body().length == 0) {
      response.send();
    } else if (whole.body().length <= PIECE_BYTES) {
      response.send(whole.body());
    } else {
      sendInPieces(response, whole.body());
    }
  }

  private static void sendInPieces(ServerResponse response, byte[] body) {
    response.contentLength(body.length);
    try (OutputStream output = response.outputStream()) {
      for (int sent = 0; sent < body.length; sent += PIECE_BYTES) {
        output.write(body, sent, Math.min(PIECE_BYTES, body.length - sent));
      }
    } catch (IOException | UncheckedIOException e) {
      throw new ServerConnectionException("the client does not take its answer", e);
    }
  }

  private static void sendStream(ServerResponse response, Answer.Stream stream) {
    try (Answer.StreamBody body = stream.body();
        OutputStream output = response.outputStream()) {
      body.writeTo(output);
      // Else the stream would have no end that its client could tell from one that broke off: the
      // library writes it only where the connection goes on.
      output.flush();
      ((RoutingResponse) response).commit();
    } catch (IOException | UncheckedIOException e) {
      throw new ServerConnectionException("the client of a stream is gone", e);
    }
  }

  /** A connection that is closed with bytes unread may take the answer with it (RFC 9112 §9.6). */
  private static void readAway(ServerRequest request) {
    try (InputStream rest = request.content().inputStream()) {
      byte[] bytes = new byte[READ_AWAY_BYTES];
      long left = UNREAD_BYTES_MAX;
      for (int read = rest.read(bytes); read >= 0 && left > 0; read = rest.read(bytes)) {
        left -= read;
      }
    } catch (IOException | RuntimeException e) {
      throw new ServerConnectionException("the rest of a body cannot be read", e);
    }
  }
}
